import EventModel
import SQLite

/// Runs the handlers of events on one connection, in whatever transaction is open there.
///
/// Nothing is copied on the way from the log to SQLite, but strings with escapes and upcasted data.
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
    private var reader = FieldReader()

    init(_ program: HandlerProgram, on connection: Connection, clock: EventClock) {
        self.program = program
        self.connection = connection
        self.clock = clock
    }

    /// Runs everything that the event's type runs; a type without handlers is passed over.
    mutating func apply(_ view: borrowing EventView) throws(Failure) {
        guard let index = program.index(of: view.typeBytes) else { return }
        clock.set(view.occurred.milliseconds)
        let type = program.types[index]
        if let newer = try upcasted(view, type.upcasts) {
            try run(type, view, newer.span)
        } else {
            try run(type, view, view.data)
        }
    }

    private mutating func run(
        _ type: CompiledType, _ view: borrowing EventView, _ data: Span<UInt8>
    ) throws(Failure) {
        if type.fields.count > 0 { reader.read(type.fields, from: data) }
        // The statement since which a deferred key has been open.
        var open: Int?
        for index in type.statements.indices {
            _ = try run(type.statements[index], view, data)
            if program.hasDeferredKeys {
                open = connection.hasDeferredViolations ? open ?? index : nil
            }
        }
        // A deferred key that a later event may satisfy would make the outcome depend on batches.
        if let open {
            let reason = "FOREIGN KEY constraint failed (deferred, at the end of the event)"
            throw .refused(EventRefusal(view, reason, .foreignKey, at: type.statements[open]))
        }
    }

    /// Binds and runs one statement.
    /// - Returns: for an upcast the text that it gives, empty for NULL; else nothing.
    private func run(
        _ compiled: CompiledStatement, _ view: borrowing EventView, _ data: Span<UInt8>,
        isUpcast: Bool = false
    ) throws(Failure) -> [UInt8] {
        let scratch = reader.scratch.span
        let statement = compiled.statement
        var run = statement.run()
        for index in compiled.parameters.indices {
            let parameter = index + 1
            switch compiled.parameters[index] {
            case .field(let field):
                switch reader.values[field] {
                case .null: continue
                case .integer(let value): run.bind(value, at: parameter)
                case .real(let value): run.bind(value, at: parameter)
                case .data(let range): run.bind(data.extracting(range), at: parameter)
                case .scratch(let range): run.bind(scratch.extracting(range), at: parameter)
                }
            case .envelope(let part):
                switch part {
                case .data: run.bind(data, at: parameter)
                case .metadata where view.metadata.isEmpty: continue
                case .metadata: run.bind(view.metadata, at: parameter)
                case .type: run.bind(view.typeBytes, at: parameter)
                case .stream: run.bind(view.streamBytes, at: parameter)
                case .key: run.bind(view.keyBytes, at: parameter)
                case .revision: run.bind(Int64(view.revision.value), at: parameter)
                case .position: run.bind(Int64(view.position.value), at: parameter)
                case .time: run.bind(view.occurred.milliseconds, at: parameter)
                case .recorded: run.bind(view.recorded.milliseconds, at: parameter)
                case .id where view.idBytes.isEmpty: continue
                case .id: run.bind(view.idBytes, at: parameter)
                }
            }
        }
        do throws(SQLiteError) {
            var text: [UInt8] = []
            while try run.step() {
                if isUpcast { text.append(copying: run.bytes(at: 0)) }
            }
            return text
        } catch {
            throw failure(error, view, compiled)
        }
    }

    /// The data in the newest shape that the upcasts lead to; `nil` when it has that shape already.
    private func upcasted(
        _ view: borrowing EventView, _ upcasts: borrowing [CompiledUpcast]
    ) throws(Failure) -> [UInt8]? {
        var newer: [UInt8]?
        var version = view.schemaVersion
        while let index = upcasts.firstIndex(where: { $0.from == version }) {
            // Each step raises the version, so the chain ends.
            newer = try rewrite(newer ?? Array(copying: view.data), view, upcasts[index].expression)
            version = upcasts[index].to
        }
        return newer
    }

    private func rewrite(
        _ data: [UInt8], _ view: borrowing EventView, _ expression: CompiledStatement
    ) throws(Failure) -> [UInt8] {
        let newer = try run(expression, view, data.span, isUpcast: true)
        do throws(JSONError) {
            try JSONText.validateObject(newer.span)
        } catch {
            let reason = "the upcast gave no JSON object: \(error.message)"
            throw .refused(EventRefusal(view, reason, nil, at: expression))
        }
        return newer
    }

    private func failure(
        _ error: SQLiteError, _ view: borrowing EventView, _ compiled: CompiledStatement
    ) -> Failure {
        if error.isEnvironment || error.isCorruption { return .database(error) }
        return .refused(EventRefusal(view, error.message, error.constraint, at: compiled))
    }
}
