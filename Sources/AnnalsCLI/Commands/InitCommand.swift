internal import Annals
internal import ArgumentParser
internal import EventModel
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
        let store = try EventStore.create(
            at: path, projectionsFolder: projections, options: try session.options())
        var built: [JSON] = []
        var table = Table([.left("PROJECTION"), .right("VERSION"), .left("APPLIED")])
        for name in store.projections {
            let result = leavesPending ? nil : try store.migrate(name)
            let numbers = (result?.applied ?? []).map { String($0.number) }
            table.add([name, String(result?.to ?? 0), numbers.joined(separator: " ")])
            built.append([
                "name": .string(name), "version": JSON(result?.to ?? 0),
                "applied": .array(
                    (result?.applied ?? []).map {
                        .object(migrationDocument(name, $0.number, $0.name))
                    }),
            ])
        }
        try session.catchUpAll(store)
        if store.projections.isEmpty {
            session.console.warn("there is no projection in \(projections ?? "the program")")
        }
        try session.console.emit([
            "schema": "annals.init/1", "store": .string(path), "id": .string(store.log.id),
            "projectionsFolder": JSON(store.projectionsFolder), "projections": .array(built),
        ])
        try session.console.print("made the store \(path)")
        if !store.projections.isEmpty { try session.console.print(table) }
        try session.console.print("back: remove the folder; it holds nothing but this store")
        return .done
    }
}
