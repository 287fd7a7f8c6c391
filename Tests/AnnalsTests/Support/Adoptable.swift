import AnnalsTesting
import EventModel
import Foundation
import GRDB
import Testing

@testable import Annals

/// SQLite files as other programs leave them, and stores that adopt them.
final class Adoptable {
    let folder: TemporaryFolder
    /// The projections folder of the stores.
    var projections: String { "\(folder.path)/projections" }
    /// The store's folder.
    var store: String { "\(folder.path)/store" }

    init() throws { folder = try TemporaryFolder() }

    /// A file with the given content, closed and alone.
    func file(
        _ sql: String, name: String = "file.db", _ fill: (Database) throws -> Void = { _ in }
    ) throws -> String {
        let path = "\(folder.path)/\(name)"
        let queue = try DatabaseQueue(path: path)
        try queue.writeWithoutTransaction { db in
            try db.execute(sql: sql)
            try fill(db)
        }
        try queue.close()
        return path
    }

    /// A file of which everything is in the WAL, copied while another program has it open.
    func fileInWAL(_ sql: String) throws -> String {
        let original = "\(folder.path)/open.db"
        let queue = try DatabaseQueue(path: original)
        try queue.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0")
            try db.execute(sql: sql)
        }
        let copy = "\(folder.path)/wal.db"
        for suffix in ["", "-wal", "-shm"] {
            try FileManager.default.copyItem(atPath: original + suffix, toPath: copy + suffix)
        }
        try queue.close()
        return copy
    }

    /// The files of a folder with their bytes, LMDB's and SQLite's shared memory aside.
    static func bytes(below path: String) throws -> [String: Data] {
        var found: [String: Data] = [:]
        let names = FileManager.default.enumerator(atPath: path)?.compactMap { $0 as? String } ?? []
        for name in names where !name.hasSuffix("lock.mdb") && !name.hasSuffix("-shm") {
            let full = "\(path)/\(name)"
            var isFolder = false
            _ = FileManager.default.fileExists(atPath: full, isDirectory: &isFolder)
            if isFolder { continue }
            let data = FileManager.default.contents(atPath: full) ?? Data("link".utf8)
            if name.hasSuffix("-wal"), data.isEmpty { continue }
            found[name] = data
        }
        return found
    }

    /// A file's bytes and those of what stands beside it.
    static func family(_ path: String) throws -> [String: Data] {
        let url = URL(fileURLWithPath: path)
        let names = try FileManager.default.contentsOfDirectory(
            atPath: url.deletingLastPathComponent().path)
        var found: [String: Data] = [:]
        for name in names where name.hasPrefix(url.lastPathComponent) {
            found[name] = FileManager.default.contents(
                atPath: url.deletingLastPathComponent().appendingPathComponent(name).path)
        }
        return found
    }

    // MARK: A projection that another program's files fit

    static let library = """
        CREATE TABLE shelves (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
        CREATE TABLE books (
            id TEXT PRIMARY KEY, -- an ISBN
            shelf INTEGER REFERENCES shelves (id), title TEXT NOT NULL
        );
        """

    /// Writes the projection `library`: two migrations, a seed, an optional module.
    func writeLibrary(
        books: String = "INSERT INTO books (id, shelf, title) VALUES ($id, $shelf, $title);",
        removed: String = "DELETE FROM shelves WHERE id = $id;"
    ) throws {
        try folder.write(
            """
            name: library
            modules:
              - { name: core, range: [1, 9] }
              - { name: loans, range: [10, 19], depends: [core], optional: true }
            """, to: "projections/library/projection.yaml")
        try folder.write(
            """
            -- Migration: 001_books
            -- Description: Books on shelves
            -- Module: core

            -- Up
            \(Self.library)

            -- On shelf.added
            INSERT INTO shelves (id, name) VALUES ($id, $name);

            -- On shelves.adopted
            INSERT INTO shelves (id, name) VALUES ($id, $name);

            -- On shelves.removed
            \(removed)

            -- On books.adopted
            \(books)

            -- Seed shelf.added shelf/1 seed/shelf
            { "id": 1, "name": "new" }

            -- Down
            DROP TABLE books;
            DROP TABLE shelves;
            """, to: "projections/library/Migrations/001_books.sql")
        try folder.write(
            """
            -- Migration: 002_years
            -- Description: When a book came out
            -- Module: core

            -- Up
            ALTER TABLE books ADD COLUMN year INTEGER;

            -- On books.adopted
            INSERT INTO books (id, shelf, title, year) VALUES ($id, $shelf, $title, $year);

            -- Down: replay
            """, to: "projections/library/Migrations/002_years.sql")
        try folder.write(
            """
            -- Migration: 010_loans
            -- Description: Who has which book
            -- Module: loans
            -- Depends: 001

            -- Up
            CREATE TABLE loans (book TEXT PRIMARY KEY REFERENCES books (id), reader TEXT NOT NULL);

            -- On loans.adopted
            INSERT INTO loans (book, reader) VALUES ($book, $reader);

            -- Down
            DROP TABLE loans;
            """, to: "projections/library/Migrations/010_loans.sql")
    }

    /// A store with the projection, at version 0 unless it `migrates`.
    func libraryStore(migrates: Bool = false) throws -> EventStore {
        var options = EventStore.Options()
        options.migrates = migrates
        return try EventStore.create(
            at: store, projectionsFolder: projections, options: options)
    }
}

/// The rows of a statement, values joined.
func rows(_ store: EventStore, _ projection: String, _ sql: String) throws -> [String] {
    try store.reader(of: projection).read { db in
        try Row.fetchAll(db, sql: sql).map { row in
            row.databaseValues.map { $0.isNull ? "-" : "\($0.storage.value ?? "")" }
                .joined(separator: "|")
        }
    }
}
