internal import Annals
internal import ArgumentParser
internal import EventModel

/// `annals new`: makes the next migration of a module, or a projection's folder.
struct NewCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "new",
        abstract: "Make the next migration of a module, or the folder of a new projection.",
        usage: """
            annals new <name> [--projection P] [--module M] [--projections <dir>] [<options>]
            annals new [<name>] --projection P --into <dir> [--module M] [<options>]
            """,
        discussion: """
            The file gets the module's next free number and all sections, to be filled in. It goes \
            into the store's projections folder, or into --projections. With --into a new \
            projection's folder is made. Nothing is ever overwritten.
            """)

    @Argument(help: "The migration's name in snake_case, without a number.")
    var name: String?

    @Option(help: "The projection; may be left out when there is one.")
    var projection: String?

    @Option(help: "The module; may be left out when there is one.")
    var module: String?

    @Option(help: "The folder with the projections, or the projection's own; else the store's.")
    var projections: String?

    @Option(help: "Make the folder of a new projection in this one.")
    var into: String?

    @Option(help: "What the migration is for, in one line.")
    var description: String?

    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard name != nil || into != nil else {
            throw ValidationError("Name the migration, in snake_case and without a number.")
        }
        guard into == nil || projections == nil && projection != nil else {
            throw ValidationError("--into goes with --projection, and without --projections.")
        }
        guard description == nil || name != nil else {
            throw ValidationError("--description belongs to a migration: name it.")
        }
    }

    func run(in session: Session) async throws -> ExitStatus {
        if let into, let projection {
            let made = try Scaffold.projection(
                projection, module: module, into: into, migration: name, description: description)
            let next = made.migration == nil ? "new NAME --projections" : "lint"
            try tell(
                made.name, folder: made.path, made.migration, next: "annals \(next)", on: made.path,
                session.console)
        } else {
            let made = try Scaffold.migration(
                name ?? "", projection: projection, module: module, in: try folder(session),
                description: description)
            try tell(
                made.projection, folder: nil, made, next: "annals lint", on: made.folder,
                session.console)
        }
        return .done
    }

    private func folder(_ session: Session) throws -> String {
        if let projections { return projections }
        if let folder = try session.openForReading().projectionsFolder { return folder }
        throw CommandError.usage(
            "PROJECTIONS_BUILT_IN", "The store's projections are inside the program.",
            hint: "Give --projections DIR, a folder of your own.",
            next: "annals new --projection NAME --into DIR")
    }

    /// - Parameters:
    ///   - folder: the projection's, when it is new.
    ///   - next: a command, to be run on `path`.
    private func tell(
        _ projection: String, folder: String?, _ migration: Scaffold.NewMigration?, next: String,
        on path: String, _ console: Console
    ) throws {
        let next = "\(next) \(Session.quoted(path))"
        let made = folder ?? migration?.path ?? ""
        try console.emit([
            "schema": "annals.new/1", "projection": .string(projection), "folder": JSON(folder),
            "migration": migration.map(Self.document) ?? .null,
            "back": .array([.string("remove \(made)")]), "next": .string(next),
        ])
        try console.print("made \(DisplayText.escaped(made))")
        if let migration {
            try console.print(
                "number \(migration.number) of the module \(migration.module), "
                    + "\(migration.numbersLeft) left")
            try console.print("fill in Up, On and Down: until then the file does not load")
        }
        try console.print("back: remove \(DisplayText.escaped(made))")
        try console.print("next: \(next)")
    }

    private static func document(_ made: Scaffold.NewMigration) -> JSON {
        [
            "number": JSON(made.number), "name": .string(made.name), "module": .string(made.module),
            "file": .string(made.path), "numbersLeft": JSON(made.numbersLeft),
        ]
    }
}
