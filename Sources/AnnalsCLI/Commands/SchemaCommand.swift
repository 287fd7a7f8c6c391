internal import Annals
internal import ArgumentParser
internal import EventModel
internal import Foundation
internal import ProjectionEngine

/// `annals schema dump`: the schema of a projection as text for review.
struct SchemaCommand: Verb {
    /// What to do with a schema.
    enum Action: String, ExpressibleByArgument, CaseIterable {
        /// Write it.
        case dump
    }

    static let configuration = CommandConfiguration(
        commandName: "schema",
        abstract: "Write a projection's schema as SQL, in an order and form that suit review.",
        usage: "annals schema dump [<folder>] [--projection P] [--at-version V] [--check <file>]",
        discussion: """
            Of a store's projection: what the live file has, or with --at-version what the migrations \
            make. Of a folder: what all modules' migrations make. Schemas that mean the same give the \
            same bytes. With --check it ends with 3 when the file has another text.
            """)

    @Argument(help: "dump")
    var action: Action

    @Argument(help: "A folder with projection.yaml, or one whose folders have that; no store then.")
    var folder: String?

    @Option(help: "The projection; may be left out when there is one.")
    var projection: String?

    @Option(help: "At this version: a number or a name.")
    var atVersion: MigrationNumber?

    @Option(help: "Compare with this file instead of writing the schema.")
    var check: String?

    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard folder == nil || common.store == nil else {
            throw ValidationError("Give a folder or a store.")
        }
    }

    func run(in session: Session) async throws -> ExitStatus {
        let dump = try dump(session)
        let expected = try check.map(Self.text)
        let difference = expected.map { LineDifference(from: $0, to: dump.text).lines }
        let isEqual = expected.map { $0 == dump.text }
        try session.console.emit([
            "schema": "annals.schema/1", "projection": .string(dump.projection),
            "version": JSON(dump.versions.last ?? 0),
            "versions": .array(dump.versions.map { JSON($0) }), "text": .string(dump.text),
            "check": JSON(check), "equal": isEqual.map { .bool($0) } ?? .null,
            "difference": .array((difference ?? []).map { .string($0) }),
        ])
        try tell(dump, isEqual, difference ?? [], session.console)
        return isEqual == false ? .pending : .done
    }

    private func dump(_ session: Session) throws -> SchemaDump {
        if let folder {
            let definition = try Self.one(
                ProjectionDefinition.all(in: folder, projection: projection), in: folder)
            let version = try atVersion?.number(in: definition)
            return try SchemaDump(
                of: definition, versions: try definition.allVersions(upTo: version))
        }
        let store = try session.openForReading()
        let name = try session.projection(projection, of: store)
        return try store.schemaDump(
            of: name, atVersion: try atVersion?.number(in: store.definition(of: name)))
    }

    private static func one(
        _ definitions: [ProjectionDefinition], in folder: String
    ) throws -> ProjectionDefinition {
        if definitions.count == 1 { return definitions[0] }
        throw CommandError.usage(
            "PROJECTION_AMBIGUOUS",
            "\(folder) has \(definitions.count) projections: name the one meant.",
            hint: "It has: \(definitions.map(\.name).joined(separator: ", ")).")
    }

    private static func text(_ path: String) throws -> String {
        guard let bytes = FileManager.default.contents(atPath: path) else {
            throw AnnalsError(
                .invalid, "FILE_MISSING", "\(path) cannot be read.",
                hint: "Write it first: annals schema dump > \(path)", context: .init(file: path))
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private func tell(
        _ dump: SchemaDump, _ isEqual: Bool?, _ difference: [String], _ console: Console
    ) throws {
        guard let isEqual, let check else {
            if !console.isJSON { try console.write(Array(dump.text.utf8.dropLast())) }
            return
        }
        let file = DisplayText.escaped(check)
        if isEqual { return try console.print("\(file): \(console.painted("equal", .green))") }
        try console.print("--- \(file)")
        try console.print("+++ \(dump.projection) at version \(dump.versions.last ?? 0)")
        for line in difference {
            let colour: Console.Colour? =
                line.hasPrefix("-") ? .red : line.hasPrefix("+") ? .green : nil
            let text = DisplayText.escaped(line)
            try console.print(colour.map { console.painted(text, $0) } ?? text)
        }
    }
}
