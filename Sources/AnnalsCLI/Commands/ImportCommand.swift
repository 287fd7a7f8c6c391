internal import Annals
internal import ArgumentParser
internal import EventModel
internal import Gzip

/// `annals import`: appends the events of files.
struct ImportCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Append the events of files of CloudEvents 1.0 JSON lines.",
        discussion: """
            A name that ends in .gz is read as gzip; - is standard input. Every file is checked \
            before the first event is appended. Events that are in the log already are skipped: \
            to complete what was interrupted, repeat it.
            """)

    @Argument(help: "The files, in this order.")
    var files: [String]

    @Flag(name: .customLong("no-project"), help: "Leave the projections where they are.")
    var leavesProjections = false

    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard files.filter({ $0 == "-" }).count <= 1 else {
            throw ValidationError("Standard input can be read once.")
        }
    }

    func run(in session: Session) async throws -> ExitStatus {
        // Pipes can be read once, but a file is checked before it is appended: they are copied first.
        var spooled: [SpooledInput] = []
        defer { withExtendedLifetime(spooled) {} }
        var sources: [ImportSource] = []
        for file in files {
            if let pipe = Self.pipe(file) {
                let copy = try SpooledInput(pipe)
                spooled.append(copy)
                sources.append(ImportSource(path: copy.path, name: Self.name(file)))
            } else {
                sources.append(ImportSource(path: file, name: file))
            }
        }
        let store = try session.openForWriting()
        session.stopAtSafePoints()
        for source in sources { try check(source, store, session) }
        var done: [JSON] = []
        for source in sources {
            var result = ImportResult()
            do {
                try await append(source, to: store, into: &result, session)
            } catch {
                done.append(document(source.name, result, isComplete: false))
                var failure = CommandError.of(error)
                failure.done.append(.init(name: "files", value: .array(done)))
                throw failure
            }
            done.append(document(source.name, result, isComplete: true))
            try tell(source.name, result, session)
        }
        if !leavesProjections { try catchUp(store, done, session) }
        try conclude(store, done, session)
        return .done
    }

    /// Standard input, or a pipe by its name; `nil` for what can be read twice, and for what cannot be
    /// opened, about which the import itself speaks.
    private static func pipe(_ file: String) -> InputFile? {
        if file == "-" { return .standardInput() }
        do throws(FileError) {
            let input = try InputFile(path: file)
            return input.size == nil ? input : nil
        } catch {
            return nil
        }
    }

    private static func name(_ file: String) -> String { file == "-" ? "standard input" : file }

    private func check(_ source: ImportSource, _ store: EventStore, _ session: Session) throws {
        let meter = ProgressMeter("checking \(source.name)", unit: .bytes, on: session.console)
        defer { meter.end() }
        try store.checkImport(from: source.path, named: source.name) {
            meter.update(done: UInt64($0.bytes), total: UInt64($0.bytesTotal ?? 0))
        }
    }

    private func append(
        _ source: ImportSource, to store: EventStore, into result: inout ImportResult,
        _ session: Session
    ) async throws {
        let meter = ProgressMeter("importing \(source.name)", unit: .bytes, on: session.console)
        defer { meter.end() }
        try await store.importChecked(from: source.path, named: source.name, into: &result) {
            meter.update(done: UInt64($0.bytes), total: UInt64($0.bytesTotal ?? 0))
        }
    }

    private func catchUp(_ store: EventStore, _ done: [JSON], _ session: Session) throws {
        let meter = ProgressMeter("projecting", on: session.console)
        defer { meter.end() }
        // All of them from the start, so that the time left is the whole.
        for projection in try store.status().projections
        where projection.state == .current || projection.state == .pending {
            meter.update(
                projection.name, done: projection.checkpoint.value,
                total: projection.checkpoint.value + projection.lag)
        }
        do {
            try store.catchUpAll { meter.update($0, done: $1.value, total: $2.value) }
        } catch {
            // The events are in: what stopped is told together with that.
            throw CommandError(
                error, next: session.command("status"),
                done: [.init(name: "files", value: .array(done))])
        }
    }

    private func document(_ name: String, _ result: ImportResult, isComplete: Bool) -> JSON {
        [
            "file": .string(name), "read": JSON(result.read), "appended": JSON(result.appended),
            "skipped": JSON(result.skipped), "complete": .bool(isComplete),
        ]
    }

    private func tell(_ name: String, _ result: ImportResult, _ session: Session) throws {
        try session.console.print(
            "\(name): \(DisplayText.count(result.read, "event")), "
                + "\(DisplayText.grouped(result.appended)) appended, "
                + "\(DisplayText.grouped(result.skipped)) there already")
    }

    private func conclude(_ store: EventStore, _ done: [JSON], _ session: Session) throws {
        let status = try store.status()
        try session.console.emit([
            "schema": "annals.import/1", "head": JSON(status.head), "files": .array(done),
            "projections": .array(
                status.projections.map {
                    [
                        "name": .string($0.name), "checkpoint": JSON($0.checkpoint),
                        "lag": JSON($0.lag), "state": .string($0.state.rawValue),
                    ]
                }),
        ])
        try session.console.print("head \(DisplayText.grouped(status.head.value))")
        for projection in status.projections {
            try session.console.print(
                "\(projection.name): checkpoint \(DisplayText.grouped(projection.checkpoint.value))"
            )
        }
        try session.console.print("back: none; events stay, later ones correct them")
    }
}
