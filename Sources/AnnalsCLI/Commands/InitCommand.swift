internal import Annals
internal import ArgumentParser
internal import EventModel
internal import Foundation
internal import LogStorage

/// `annals init`: makes a store.
struct InitCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Make a store and apply every migration of its projections.")

    @Argument(help: "The store's folder; the same as --store.")
    var folder: String?

    @Option(help: "The folder with your own projections (DIR/*/projection.yaml).")
    var projections: String?

    @Flag(name: .customLong("no-migrate"), help: "Apply no migration: all stay pending.")
    var leavesPending = false

    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard folder == nil || common.store == nil else {
            throw ValidationError("Name the folder once: as an argument or with --store.")
        }
    }

    func run(in session: Session) async throws -> ExitStatus {
        let path = folder ?? session.storePath
        let isThere = FileManager.default.fileExists(atPath: path)
        let store = try EventStore.create(
            at: path, projectionsFolder: projections, options: try session.options())
        let results: [MigrateResult]
        do {
            results = leavesPending ? [] : try store.projections.map { try store.migrate($0) }
            try session.catchUpAll(store)
        } catch {
            // The folder was empty or not there: a store is made whole or not at all.
            try discard(path, keepsFolder: isThere)
            throw error
        }
        if store.projections.isEmpty {
            session.console.warn("there is no projection in \(projections ?? "the program")")
        }
        try tell(path, store, results, session.console)
        return .done
    }

    private func discard(_ path: String, keepsFolder: Bool) throws {
        guard keepsFolder else { return try FileManager.default.removeItem(atPath: path) }
        for name in try FileManager.default.contentsOfDirectory(atPath: path) {
            try FileManager.default.removeItem(atPath: "\(path)/\(name)")
        }
    }

    private func tell(
        _ path: String, _ store: EventStore, _ results: [MigrateResult], _ console: Console
    ) throws {
        var table = Table([.left("PROJECTION"), .right("VERSION"), .left("APPLIED")])
        var documents: [JSON] = []
        for name in store.projections {
            let result = results.first { $0.projection == name }
            let applied = result?.applied ?? []
            let numbers = applied.map { String($0.number) }.joined(separator: " ")
            table.add([name, String(result?.to ?? 0), numbers])
            documents.append([
                "name": .string(name), "version": JSON(result?.to ?? 0),
                "applied": .array(
                    applied.map { .object(migrationDocument(name, $0.number, $0.name)) }),
            ])
        }
        try console.emit([
            "schema": "annals.init/1", "store": .string(path), "id": .string(store.log.id),
            "projectionsFolder": JSON(store.projectionsFolder), "projections": .array(documents),
        ])
        try console.print("made the store \(path)")
        if !documents.isEmpty { try console.print(table) }
        try console.print("back: remove the folder; it holds nothing but this store")
    }
}
