import AnnalsTesting
import EventModel
import Foundation
import GRDB
import LogStorage
import Testing

@testable import Annals

@Suite("A file becomes the beginning of a projection's history")
struct AdoptionTests {
    private static let content = """
        CREATE TABLE refinery_schema_history (version INTEGER PRIMARY KEY, name TEXT);
        INSERT INTO refinery_schema_history VALUES (1, 'books');
        CREATE TABLE accounts (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT);
        INSERT INTO accounts (name) VALUES ('Ada');
        INSERT INTO shelves VALUES (1, 'poems'), (7, 'prose');
        INSERT INTO books VALUES ('b', 7, 'Emma'), ('a', 1, 'Kim'), ('c', NULL, '');
        """

    @Test("O1.4 M4.2 Its tables tell the version, its rows become events, and the two are equal")
    func adopts() throws {
        let work = try Adoptable()
        try work.writeLibrary()
        // Another program wrote the same schema in other words.
        let file = try work.file(
            """
            create table "shelves"(id integer primary key, name text not null);
            CREATE TABLE books (id TEXT PRIMARY KEY, shelf INTEGER REFERENCES shelves(id),
                title TEXT NOT NULL);
            \(Self.content)
            """)
        let before = try Adoptable.family(file)
        let store = try work.libraryStore()
        let result = try store.adopt(file, as: "library")
        #expect(result.isNew && result.versions == [1] && result.version == 1)
        #expect(result.tables.map { "\($0.name) \($0.rows)" } == ["shelves 2", "books 3"])
        #expect(
            result.ignored.map { "\($0.kind) \($0.name): \($0.reason)" } == [
                "table accounts: not the projection's",
                "table refinery_schema_history: another program's migrations",
            ])
        #expect(try Adoptable.family(file) == before)

        let status = try store.status().projections[0]
        #expect(status.applied.map(\.number) == [1] && status.pending.map(\.number) == [2])
        #expect(try rows(store, "library", "SELECT * FROM shelves") == ["1|poems", "7|prose"])
        #expect(
            try rows(store, "library", "SELECT * FROM books ORDER BY id")
                == ["a|1|Kim", "b|7|Emma", "c|-|"])
        #expect(try store.verify("library").isEqual)
        #expect(try store.digest(of: "library").digest == result.digest)
        var told: [String] = []
        _ = try store.log.read(.all, after: .start) { told.append("\($0.type) \($0.stream)") }
        #expect(
            told == [
                // The file says what is left of the seed's row.
                "shelf.added shelf/1", "shelves.removed shelves/1",
                "shelves.adopted shelves/1", "shelves.adopted shelves/7", "books.adopted books/a",
                "books.adopted books/b", "books.adopted books/c",
                "migration.adopted annals/admin",
            ])
        // The way on is that of every projection.
        _ = try store.migrate("library")
        #expect(try rows(store, "library", "SELECT count(*), max(year) FROM books") == ["3|-"])
    }

    @Test(
        "The newest version that fits is taken, with its optional modules, whatever the store has")
    func versions() throws {
        for migrates in [false, true] {
            let work = try Adoptable()
            try work.writeLibrary()
            let file = try work.file(
                Adoptable.library + """
                    ALTER TABLE books ADD COLUMN year INTEGER;
                    CREATE TABLE loans (book TEXT PRIMARY KEY REFERENCES books (id),
                        reader TEXT NOT NULL);
                    INSERT INTO books VALUES ('a', NULL, 'Kim', 1901);
                    INSERT INTO loans VALUES ('a', 'Bob');
                    """)
            let store = try work.libraryStore(migrates: migrates)
            let result = try store.adopt(file, as: "library")
            #expect(result.versions == [1, 2, 10] && result.version == 10)
            #expect(result.applied.map(\.number) == (migrates ? [10] : [1, 2, 10]))
            #expect(try store.modules(of: "library").map(\.isEnabled) == [true, true])
            #expect(
                try rows(store, "library", "SELECT title, year, reader FROM books, loans")
                    == ["Kim|1901|Bob"])
            // The seed's row was not in the file.
            #expect(try rows(store, "library", "SELECT count(*) FROM shelves") == ["0"])
            #expect(try store.verify("library").isEqual)
        }
    }

    @Test("A file of an earlier version is adopted into a later one, which must take its events")
    func laterStore() throws {
        let work = try Adoptable()
        try work.writeLibrary()
        let file = try work.file(Adoptable.library + "INSERT INTO books VALUES ('a', NULL, 'Kim');")
        let store = try work.libraryStore(migrates: true)
        let result = try store.adopt(file, as: "library")
        #expect(result.versions == [1] && result.version == 2 && result.applied.isEmpty)
        #expect(try rows(store, "library", "SELECT * FROM books") == ["a|-|Kim|-"])
    }

    @Test("The same rows are adopted once, and another file not at all")
    func once() throws {
        let work = try Adoptable()
        try work.writeLibrary()
        let store = try work.libraryStore()
        let file = try work.file(Adoptable.library + "INSERT INTO shelves VALUES (1, 'a');")
        #expect(try store.adopt(file, as: "library").isNew)
        let before = try Adoptable.bytes(below: work.store)
        #expect(try store.adopt(file, as: "library").isNew == false)
        #expect(try Adoptable.bytes(below: work.store) == before)
        let other = try work.file(
            Adoptable.library + "INSERT INTO shelves VALUES (2, 'b');", name: "other.db")
        #expect(refusal { try store.adopt(other, as: "library") }?.code == "ADOPT_NOT_EMPTY")
    }

    @Test("What cannot be adopted leaves every byte of store and file as it was")
    func refusals() throws {
        let cases: [(code: String, sql: String, books: String?)] = [
            ("ADOPT_SCHEMA", "CREATE TABLE shelves (id INTEGER PRIMARY KEY);", nil),
            ("ADOPT_SCHEMA", "CREATE TABLE other (id INTEGER PRIMARY KEY);", nil),
            ("ADOPT_SCHEMA", "", nil),
            (
                // A later version's table in another form would be left behind silently.
                "ADOPT_SCHEMA", Adoptable.library + "CREATE TABLE loans (book TEXT);", nil
            ),
            (
                // Wrong handler: it forgets a column.
                "ADOPT_DIFFERS", Adoptable.library + "INSERT INTO books VALUES ('a', NULL, 'Kim');",
                "INSERT INTO books (id, title) VALUES ($id, 'Tim');"
            ),
            (
                "ADOPT_DIFFERS",
                Adoptable.library + "INSERT INTO books VALUES ('a', NULL, 'K'), ('b', NULL, 'L');",
                "INSERT INTO books (id, title) SELECT $id, $title WHERE $id > 'a';"
            ),
            (
                "EVENT_REFUSED",
                "PRAGMA foreign_keys = OFF;" + Adoptable.library
                    + "INSERT INTO books VALUES ('a', 99, 'Kim');", nil
            ),
        ]
        for (number, test) in cases.enumerated() {
            let work = try Adoptable()
            try work.writeLibrary(
                books: test.books
                    ?? "INSERT INTO books (id, shelf, title) VALUES ($id, $shelf, $title);")
            let file = try work.file(test.sql)
            let store = try work.libraryStore()
            let before = try Adoptable.bytes(below: work.store)
            let family = try Adoptable.family(file)
            let error = refusal { try store.adopt(file, as: "library") }
            #expect(error?.code == test.code, "case \(number): \(error?.message ?? "accepted")")
            #expect(try Adoptable.bytes(below: work.store) == before, "case \(number)")
            #expect(try Adoptable.family(file) == family, "case \(number)")
        }
    }

    @Test("A projection without handlers for the rows is refused with their names, and gets them")
    func handlers() throws {
        let work = try Adoptable()
        try work.writeLibrary()
        let migration = "\(work.projections)/library/Migrations/001_books.sql"
        let text = try String(contentsOfFile: migration, encoding: .utf8)
        try text.replacingOccurrences(of: "books.adopted", with: "books.taken")
            .write(toFile: migration, atomically: true, encoding: .utf8)
        let file = try work.file(Adoptable.library + "INSERT INTO books VALUES ('a', NULL, 'Kim');")
        let made: String
        do {
            let store = try work.libraryStore()
            let error = refusal { try store.adopt(file, as: "library") }
            #expect(error?.code == "ADOPT_HANDLERS")
            #expect(error?.message.contains("books.adopted") == true)
            let sections = try store.adoptionHandlers(file, as: "library")
            #expect(
                sections.filter { !$0.isPresent }.map(\.type) == ["books.adopted", "books.removed"])
            made = try #require(sections.first { $0.type == "books.adopted" }).text
        }
        try text.replacingOccurrences(
            of:
                "-- On books.adopted\nINSERT INTO books (id, shelf, title) VALUES ($id, $shelf, $title);",
            with: made
        ).write(toFile: migration, atomically: true, encoding: .utf8)
        #expect(try EventStore(at: work.store).adopt(file, as: "library").rows == 2)
    }

    @Test("Files that are no databases, damaged, or changing are refused")
    func files() throws {
        let work = try Adoptable()
        try work.writeLibrary()
        let store = try work.libraryStore()
        func code(_ path: String) -> String? {
            refusal { try store.adopt(path, as: "library") }?.code
        }
        #expect(code("\(work.folder.path)/none.db") == "FILE_MISSING")
        #expect(code(work.folder.path) == "FILE_NOT_REGULAR")
        #expect(
            code(try work.folder.write("not a database at all", to: "text")) == "ADOPT_NOT_SQLITE")
        let file = try work.file(
            Adoptable.library + """
                WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)
                INSERT INTO shelves SELECT i, 'shelf ' || i FROM n;
                """)
        var bytes = try Data(contentsOf: URL(fileURLWithPath: file))
        for index in (bytes.count / 2)..<(bytes.count / 2 + 8_192) { bytes[index] = 0xA5 }
        try bytes.write(to: URL(fileURLWithPath: file))
        #expect(code(file) == "ADOPT_DAMAGED")
        try bytes.prefix(5_000).write(to: URL(fileURLWithPath: file))
        #expect(code(file) == "ADOPT_DAMAGED")
        #expect(try store.log.head() == .start)
    }

    @Test("What a file's schema would call does not run: views, triggers, checks, computed columns")
    func plantedSchema() throws {
        let work = try Adoptable()
        try work.writeLibrary()
        let store = try work.libraryStore()
        // SQLite compiles views and triggers when they are used, and nobody uses these.
        let rows = "INSERT INTO shelves VALUES (1, 'poems'), (7, 'prose');"
        let planted = """
            CREATE VIEW loads AS SELECT load_extension('/tmp/evil.so') AS x;
            CREATE VIEW layout AS SELECT * FROM dbstat;
            CREATE TRIGGER empties AFTER INSERT ON books BEGIN DELETE FROM shelves; END;
            CREATE TRIGGER reads AFTER DELETE ON shelves BEGIN SELECT load_extension(old.name); END;
            """
        let harmless = try work.file(Adoptable.library + rows + planted)
        let before = try Adoptable.family(harmless)
        // What reading a row or checking it would run is refused.
        let dangerous = [
            ("load_extension", "CREATE TABLE a (x, CHECK (load_extension(x) IS NULL));"),
            ("->>", "CREATE TABLE a (x, y AS (x ->> 'y'));"),
        ]
        for (function, table) in dangerous {
            let file = try work.fileInWAL(
                """
                PRAGMA ignore_check_constraints = 1;
                \(Adoptable.library)\(rows)\(table) INSERT INTO a (x) VALUES (NULL);
                """)
            let error = refusal { try store.adopt(file, as: "library") }
            #expect(error?.code == "ADOPT_FILE", "\(function): \(error?.message ?? "none")")
            for name in try FileManager.default.contentsOfDirectory(atPath: work.folder.path)
            where name.hasPrefix("wal.db") || name.hasPrefix("open.db") {
                try FileManager.default.removeItem(atPath: "\(work.folder.path)/\(name)")
            }
        }
        #expect(try store.log.head() == .start)
        let result = try store.adopt(harmless, as: "library")
        #expect(result.rows == 3, "two of the file, and the seed's that goes")
        #expect(
            Set(result.ignored.map(\.name)) == ["loads", "layout", "empties", "reads"])
        #expect(try Adoptable.family(harmless) == before)
        #expect(try store.verify("library").isEqual)
    }

    @Test(
        "Killed while its events are appended, an adoption shows no half and is completed by repetition",
        arguments: ["adopt.marked", "adopt.appended", "build.applied", "switch.before-pointer"])
    func killed(at failpoint: String) throws {
        let work = try Adoptable()
        try work.writeLibrary()
        let file = try work.file(
            Adoptable.library + """
                WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 17000)
                INSERT INTO shelves SELECT i, 'shelf ' || i FROM n;
                """)
        do { _ = try work.libraryStore(migrates: true) }
        let driver = try DriverProcess(
            work.store, "adopt", [file, "library"], failpoint: "\(failpoint)=crash")
        #expect(driver.finish().isClean == false)

        let store = try EventStore(at: work.store)
        // Nobody sees a half: what is read is the old state, and nothing is applied to it.
        #expect(try rows(store, "library", "SELECT count(*) FROM shelves") == ["1"])
        #expect(refusal { try store.catchUp("library") }?.code == "ADOPTION_OPEN")
        #expect(refusal { try store.migrate("library") }?.code == "ADOPTION_OPEN")
        let event = Event(type: "shelf.added", stream: "shelf/9", data: #"{"id":9,"name":"x"}"#)
        #expect(refusal { try store.appendAndWait([event]) }?.code == "ADOPTION_OPEN")
        let other = try work.file(
            Adoptable.library + "INSERT INTO shelves VALUES (2, 'b');", name: "other.db")
        #expect(refusal { try store.adopt(other, as: "library") }?.code == "ADOPTION_OPEN")

        let result = try store.adopt(file, as: "library")
        #expect(result.isNew && result.rows == 17_001)
        #expect(try rows(store, "library", "SELECT count(*) FROM shelves") == ["17000"])
        #expect(try store.log.types().first { $0.name == "shelves.adopted" }?.count == 17_000)
        #expect(try store.verify("library").isEqual)
    }

    @Test("An adoption whose file is lost is given up: what is in the log stays, and is shown")
    func abandoned() throws {
        let work = try Adoptable()
        try work.writeLibrary()
        let file = try work.file(
            Adoptable.library + """
                WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 17000)
                INSERT INTO shelves SELECT i, 'shelf ' || i FROM n;
                """)
        do { _ = try work.libraryStore(migrates: true) }
        let driver = try DriverProcess(
            work.store, "adopt", [file, "library"], failpoint: "build.applied=crash")
        #expect(driver.finish().isClean == false)
        try FileManager.default.removeItem(atPath: file)

        let store = try EventStore(at: work.store)
        #expect(refusal { try store.catchUp("library") }?.code == "ADOPTION_OPEN")
        #expect(
            refusal { try store.abandonAdoption(of: "library", reason: " ") }?.code
                == "REASON_MISSING")
        let left = try store.abandonAdoption(of: "library", reason: "the disk died")
        #expect(left.file == file && left.rows == 17_001)
        _ = try store.catchUp("library")
        #expect(try rows(store, "library", "SELECT count(*) FROM shelves") == ["17000"])
        #expect(try store.verify("library").isEqual)
        #expect(
            refusal { try store.abandonAdoption(of: "library", reason: "again") }?.code
                == "ADOPTION_NONE")
        let told = try store.history(of: "library").last
        #expect(told?.act == .adoptionAbandoned && told?.facts.reason == "the disk died")
        #expect(told?.facts.rows == 17_001)
        let event = Event(
            type: "shelf.added", stream: "shelf/99999", data: #"{"id":99999,"name":"x"}"#)
        _ = try store.appendAndWait([event])
    }
}
