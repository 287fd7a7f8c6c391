import EventModel
import SQLite

/// Runs the handlers of events on one connection, in whatever transaction is open there.
///
/// Texts are lent to SQLite, not copied, but upcasted data.
struct EventApplier {
    /// An event was not applied.
    enum Failure: Error {
        /// The event is to blame; some of its rows may be there.
        case refused(EventRefusal)
        /// The file or the machine is.
        case database(SQLiteError)
        /// The log is, or the reading of it.
        case source(AnnalsError)
    }

    private let program: HandlerProgram
    private let connection: Connection
    private let clock: EventClock

    init(_ program: HandlerProgram, on connection: Connection, clock: EventClock) {
        self.program = program
        self.connection = connection
        self.clock = clock
    }

    /// What is to be taken from events for `apply`.
    var inputs: HandlerInputs { program.inputs }

    /// Runs everything that the type of one of a portion's events runs.
    /// - Parameter portion: read with the applier's inputs; the same when the call returns.
    func apply(_ index: Int, of portion: inout EventPortion) throws(Failure) {
        var meter = NoMeter()
        try apply(index, of: &portion, &meter)
    }

    /// The same, measured.
    func apply(
        _ index: Int, of portion: inout EventPortion, _ meter: inout some StatementMeter
    ) throws(Failure) {
        let entry = portion.entries[index]
        clock.set(entry.occurred.milliseconds)
        let type = program.types[entry.type]
        guard type.upcasts.isEmpty else {
            return try applyUpcasted(entry, type, &portion, &meter)
        }
        try run(type, entry, portion, &meter)
    }

    private func applyUpcasted(
        _ entry: EventPortion.Entry, _ type: CompiledType, _ portion: inout EventPortion,
        _ meter: inout some StatementMeter
    ) throws(Failure) {
        let byteCount = portion.bytes.count
        var version = entry.schemaVersion
        while let upcast = type.upcasts.first(where: { $0.from == version }) {
            // Each step raises the version, so the chain ends.
            version = upcast.to
            let data = try rewritten(entry, upcast.expression, portion)
            portion.rewrite(
                entry, program.inputs.types[entry.type], data,
                isNewest: !type.upcasts.contains { $0.from == version })
        }
        try run(type, entry, portion, &meter)
        portion.removeBytes(from: byteCount)
    }

    private func rewritten(
        _ entry: EventPortion.Entry, _ expression: CompiledStatement,
        _ portion: borrowing EventPortion
    ) throws(Failure) -> [UInt8] {
        var data: [UInt8] = []
        try run(expression, entry, portion) { row in data.append(copying: row.bytes(at: 0)) }
        do throws(JSONError) {
            try JSONText.validateObject(data.span)
        } catch {
            let reason = "the upcast gave no JSON object: \(error.message)"
            throw refused(entry, portion, reason, nil, at: expression)
        }
        return data
    }

    private func run(
        _ type: CompiledType, _ entry: EventPortion.Entry, _ portion: borrowing EventPortion,
        _ meter: inout some StatementMeter
    ) throws(Failure) {
        // The statement since which a deferred key has been open.
        var open: Int?
        for index in type.statements.indices {
            let start = meter.now()
            try run(type.statements[index], entry, portion) { _ in }
            meter.ran(type.statements[index], of: entry.type, since: start)
            if program.hasDeferredKeys {
                open = connection.hasDeferredViolations ? open ?? index : nil
            }
        }
        // A deferred key that a later event may satisfy would make the outcome depend on batches.
        if let open {
            let reason = "FOREIGN KEY constraint failed (deferred, at the end of the event)"
            throw refused(entry, portion, reason, .foreignKey, at: type.statements[open])
        }
    }

    /// Binds and runs one statement.
    @inline(__always)
    private func run(
        _ compiled: CompiledStatement, _ entry: EventPortion.Entry,
        _ portion: borrowing EventPortion, _ row: (borrowing Run) -> Void
    ) throws(Failure) {
        let values = portion.values.span
        let bytes = portion.bytes.span
        let (statement, places) = (compiled.statement, compiled.places)
        var run = statement.run()
        for index in places.indices {
            switch values[entry.firstValue + places[index]] {
            case .null: continue
            case .integer(let value): run.bind(value, at: index + 1)
            case .real(let value): run.bind(value, at: index + 1)
            case .text(let range): run.bind(bytes.extracting(range), at: index + 1)
            case .blob(let range): run.bind(blob: bytes.extracting(range), at: index + 1)
            }
        }
        do throws(SQLiteError) {
            while try run.step() { row(run) }
        } catch {
            if error.isEnvironment || error.isCorruption { throw .database(error) }
            throw refused(entry, portion, error.message, error.constraint, at: compiled)
        }
    }

    private func refused(
        _ entry: EventPortion.Entry, _ portion: borrowing EventPortion, _ reason: String,
        _ constraint: SQLiteError.Constraint?, at statement: CompiledStatement
    ) -> Failure {
        .refused(
            EventRefusal(
                entry.position, type: program.inputs.types[entry.type].name,
                stream: String(utf8: portion.bytes.span.extracting(entry.stream)), reason,
                constraint, at: statement))
    }
}
