import EventModel
import SQLite

/// The engine's own statements of one open file, prepared once.
struct EngineStatements {
    let begin: Statement
    let commit: Statement
    let savepoint: Statement
    let release: Statement
    private let undo: Statement
    private let readCheckpoint: Statement
    private let writeCheckpoint: Statement
    private let quarantine: Statement
    private let connection: Connection

    init(_ connection: Connection) throws(SQLiteError) {
        func prepare(_ sql: String) throws(SQLiteError) -> Statement {
            guard let statement = try connection.prepare(sql).statement else {
                preconditionFailure("an engine statement is empty")
            }
            return statement
        }
        self.connection = connection
        begin = try prepare("BEGIN IMMEDIATE")
        commit = try prepare("COMMIT")
        savepoint = try prepare("SAVEPOINT event")
        release = try prepare("RELEASE event")
        undo = try prepare("ROLLBACK TO event")
        readCheckpoint = try prepare("SELECT position, log_id FROM checkpoint WHERE id = 1")
        writeCheckpoint = try prepare("UPDATE checkpoint SET position = ? WHERE id = 1")
        quarantine = try prepare("INSERT INTO quarantine VALUES (?, ?, ?, ?, ?, ?)")
    }

    /// Runs one of the statements without parameters.
    func run(_ statement: Statement) throws(SQLiteError) {
        var run = statement.run()
        _ = try run.step()
    }

    /// Ends the transaction without its changes, if an error has not ended it already.
    func rollBack() throws(SQLiteError) {
        if connection.inTransaction { try connection.execute("ROLLBACK") }
    }

    /// Takes back what happened since `savepoint`, and the savepoint.
    func undoSavepoint() throws(SQLiteError) {
        try run(undo)
        try run(release)
    }

    /// The stored checkpoint.
    func checkpoint() throws(SQLiteError) -> Position {
        var run = readCheckpoint.run()
        _ = try run.step()
        return Position(UInt64(clamping: run.int64(at: 0)))
    }

    /// The stored name of the log.
    func logID() throws(SQLiteError) -> String {
        var run = readCheckpoint.run()
        return try run.step() ? run.text(at: 1) ?? "" : ""
    }

    /// Stores the checkpoint, in the open transaction.
    func store(_ checkpoint: Position) throws(SQLiteError) {
        var run = writeCheckpoint.run()
        run.bind(Int64(checkpoint.value), at: 1)
        _ = try run.step()
    }

    /// Records an event whose rows are left out.
    func record(_ refusal: EventRefusal) throws(SQLiteError) {
        var run = quarantine.run()
        run.bind(Int64(refusal.position.value), at: 1)
        run.bind(refusal.type, at: 2)
        run.bind(refusal.stream, at: 3)
        run.bind(refusal.file, at: 4)
        run.bind(Int64(refusal.line), at: 5)
        run.bind(refusal.reason, at: 6)
        _ = try run.step()
    }
}
