import Foundation
import SQLite

/// Runs SQL that gives one column and returns its values as text, NULL as "NULL".
func column(_ connection: Connection, _ sql: String) throws -> [String] {
    guard let statement = try connection.prepare(sql).statement else { return [] }
    var run = statement.run()
    var values: [String] = []
    while try run.step() { values.append(run.text(at: 0) ?? "NULL") }
    return values
}

/// The error of a body that must fail.
func failure(_ body: () throws(SQLiteError) -> Void) -> SQLiteError? {
    do throws(SQLiteError) {
        try body()
        return nil
    } catch {
        return error
    }
}

/// A database in memory with the tables that the tests of the authorizer use.
func sample() throws -> Connection {
    let connection = try Connection(path: ":memory:", mode: .create)
    try connection.execute(
        """
        CREATE TABLE checkpoint (id INTEGER PRIMARY KEY, position INTEGER);
        CREATE TABLE a (id INTEGER PRIMARY KEY, x TEXT UNIQUE);
        CREATE TABLE counted (id INTEGER PRIMARY KEY AUTOINCREMENT, x);
        CREATE TABLE b (id INTEGER PRIMARY KEY, a INTEGER REFERENCES a (id) ON DELETE CASCADE);
        CREATE VIEW v AS SELECT x FROM a;
        CREATE INDEX a_x ON a (x, id);
        CREATE TRIGGER t AFTER INSERT ON a BEGIN INSERT INTO b (a) VALUES (new.id); END;
        """)
    return connection
}

/// A new folder that is removed with the test.
final class Folder {
    let path: String
    init() throws {
        path = NSTemporaryDirectory() + "sqlite-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }
    deinit { try? FileManager.default.removeItem(atPath: path) }
}
