import EventModel
import SQLite
import Testing

@testable import ProjectionEngine

/// What a check of a file says about rows without parents.
@Suite struct ForeignKeyCheckTests {
    private static let tables = """
        -- Up
        CREATE TABLE parents (a INTEGER, b TEXT, PRIMARY KEY (a, b)) WITHOUT ROWID;
        CREATE TABLE plain (n INTEGER, a INTEGER, b TEXT, FOREIGN KEY (a, b) REFERENCES parents);
        CREATE TABLE keyed (
            id TEXT PRIMARY KEY, a INTEGER, b TEXT, FOREIGN KEY (a, b) REFERENCES parents (a, b)
        ) WITHOUT ROWID;

        -- On made
        INSERT INTO parents VALUES ($a, $b);
        """

    private let workshop: Workshop

    init() throws { workshop = try Workshop() }

    private func problems(_ sql: String) throws -> [String] {
        let database = try workshop.build(
            definition(Self.tables), [event(1, "made", #"{"a":1,"b":"x"}"#)], name: "checked")
        try database.connection.execute("PRAGMA foreign_keys = OFF; \(sql)")
        return try ProjectionFileCheck.read(path: database.path, projection: "things").problems
    }

    @Test("rows with a parent, and those that name none, are no problem")
    func sound() throws {
        let sql = """
            INSERT INTO plain VALUES (1, 1, 'x'), (2, NULL, 'y'), (3, 7, NULL);
            INSERT INTO keyed VALUES ('one', 1, 'x'), ('two', NULL, NULL);
            """
        #expect(try problems(sql) == [])
    }

    @Test("a row without a parent is named by rowid or key, columns and parent")
    func orphans() throws {
        let sql = """
            INSERT INTO plain VALUES (1, 1, 'x'), (2, 1, 'y');
            INSERT INTO keyed VALUES ('one', 1, 'x'), ('it''s', 2, 'x'), ('two', NULL, 'x');
            """
        #expect(
            try problems(sql) == [
                #"keyed: the row ("id" = 'it''s', "a" = 2, "b" = 'x') has no parent in parents"#,
                #"plain: row 2 ("a" = 1, "b" = 'y') has no parent in parents"#,
            ])
    }

    @Test("a parent that is gone, and one whose key is not unique, are told")
    func parents() throws {
        let gone = try problems(
            "INSERT INTO keyed VALUES ('one', 1, 'x'); DROP TABLE parents")
        #expect(gone.first?.hasPrefix("keyed: ") == true, "\(gone)")
    }
}
