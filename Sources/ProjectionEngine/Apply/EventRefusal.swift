import EventModel
import SQLite

/// Why a handler or an upcast could not take an event: the event is to blame, not the machine.
struct EventRefusal: Error {
    let position: Position
    let type: String
    let stream: String
    /// What SQLite said, or what was missing.
    let reason: String
    /// The violated constraint, if that was it.
    let constraint: SQLiteError.Constraint?
    /// The statement at fault.
    let file: String
    let line: Int
    let migration: Int

    init(
        _ position: Position, type: String, stream: String, _ reason: String,
        _ constraint: SQLiteError.Constraint?, at statement: CompiledStatement
    ) {
        self.position = position
        self.type = type
        self.stream = stream
        self.reason = reason
        self.constraint = constraint
        file = statement.section.file
        line = statement.section.location(utf8Offset: statement.start).line
        migration = statement.migration
    }

    /// The error of a replay or catch-up, which has stopped before the event.
    func stopped(projection: String) -> AnnalsError {
        AnnalsError(
            .invalid, "EVENT_REFUSED",
            "The projection \(projection) cannot take the event \(position) "
                + "(\(type), stream \(stream)): \(file):\(line): \(reason).",
            hint: "Change the handler in a new migration, or go on with --quarantine.",
            context: context(projection))
    }

    /// The error of an append that the projection was asked about beforehand.
    func rejected(projection: String) -> AnnalsError {
        let code =
            switch constraint {
            case .check: "CONSTRAINT_CHECK"
            case .unique: "CONSTRAINT_UNIQUE"
            case .notNull: "CONSTRAINT_NOT_NULL"
            case .foreignKey: "CONSTRAINT_FOREIGN_KEY"
            case .trigger: "CONSTRAINT_TRIGGER"
            case .other: "CONSTRAINT_OTHER"
            case nil: "EVENT_REFUSED"
            }
        return AnnalsError(
            .invalid, code,
            "The projection \(projection) rejects the event \(type) of the stream \(stream): "
                + "\(file):\(line): \(reason).",
            hint: "Nothing was appended: correct the data.", context: context(projection))
    }

    private func context(_ projection: String) -> AnnalsError.Context {
        AnnalsError.Context(
            position: position, type: type, stream: stream, projection: projection,
            migration: migration, file: file, line: line)
    }
}
