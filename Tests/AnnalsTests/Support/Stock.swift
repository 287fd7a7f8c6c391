import Annals
import AnnalsTesting
import EventModel
import Foundation
import GRDB

/// The projection that the tests of this folder use: three versions, an optional module, a seed, an
/// upcast and a handler that is switched off.
enum Stock {
    static let name = "stock"
    /// The version of a store that has applied everything.
    static let newest = 10

    static let manifest = """
        name: stock
        description: Items and how many there are
        modules:
          - { name: items, range: [1, 9], description: "items and their counts" }
          - { name: reports, range: [10, 19], depends: [items], optional: true, default: enabled }
        """

    static let items = """
        -- Migration: 001_items
        -- Description: Items, how many there are, and notes
        -- Module: items

        -- Up
        CREATE TABLE items (
            id TEXT PRIMARY KEY,
            name TEXT NOT NULL UNIQUE,
            quantity INTEGER NOT NULL DEFAULT 0 CHECK (quantity >= 0),
            parent TEXT REFERENCES items (id) DEFERRABLE INITIALLY DEFERRED
        ) STRICT;

        CREATE TABLE notes (
            item TEXT NOT NULL,
            revision INTEGER NOT NULL,
            text TEXT NOT NULL,
            PRIMARY KEY (item, revision)
        ) STRICT;

        -- On item.added
        INSERT INTO items (id, name, parent) VALUES (@key, $name, $parent);

        -- On item.counted
        UPDATE items SET quantity = quantity + $delta WHERE id = @key;

        -- On item.noted
        INSERT INTO notes (item, revision, text) VALUES (@key, @revision, $text);

        -- Seed item.added stock/box seed/box
        { "name": "box" }

        -- Down
        DROP TABLE notes;
        DROP TABLE items;

        """

    static let moves = """
        -- Migration: 002_moves
        -- Description: Every count, and new names
        -- Module: items
        -- Depends: 001

        -- Up
        CREATE TABLE moves (
            item TEXT NOT NULL,
            revision INTEGER NOT NULL,
            delta INTEGER NOT NULL,
            at INTEGER NOT NULL,
            PRIMARY KEY (item, revision)
        ) STRICT;

        -- On item.counted
        UPDATE items SET quantity = quantity + $delta WHERE id = @key;
        INSERT INTO moves (item, revision, delta, at) VALUES (@key, @revision, $delta, @time);

        -- On item.renamed
        UPDATE items SET name = $name WHERE id = @key;

        -- Upcast item.renamed 1 2
        json_object('name', @data ->> '$.to')

        -- Down: replay

        """

    static let totals = """
        -- Migration: 003_totals
        -- Description: How often an item was counted; notes are no longer taken
        -- Module: items
        -- Depends: 002

        -- Up
        ALTER TABLE items ADD COLUMN counts INTEGER NOT NULL DEFAULT 0;

        -- On item.counted
        UPDATE items SET quantity = quantity + $delta, counts = counts + 1 WHERE id = @key;
        INSERT INTO moves (item, revision, delta, at) VALUES (@key, @revision, $delta, @time);

        -- Off item.noted

        -- Down: replay

        """

    static let report = """
        -- Migration: 010_report
        -- Description: One row that sums up
        -- Module: reports
        -- Depends: 001

        -- Up
        CREATE TABLE report (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            items INTEGER NOT NULL,
            quantity INTEGER NOT NULL
        ) STRICT;

        -- On item.added
        INSERT INTO report (id, items, quantity) VALUES (1, 1, 0)
        ON CONFLICT (id) DO UPDATE SET items = items + 1;

        -- On item.counted
        UPDATE report SET quantity = quantity + $delta;

        -- Down
        DROP TABLE report;

        """

    static let migrations = [
        "001_items": items, "002_moves": moves, "003_totals": totals, "010_report": report,
    ]

    /// Writes the projection into a folder of its own, as `annals init --projections` takes it.
    static func folder(
        _ migrations: [String: String] = Stock.migrations
    ) throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        try folder.write(manifest, to: "stock/projection.yaml")
        for (name, text) in migrations {
            try folder.write(text, to: "stock/Migrations/\(name).sql")
        }
        return folder
    }

    /// An item comes into being.
    static func added(_ id: String, name: String? = nil, parent: String? = nil) -> Event {
        let parent = parent.map { #","parent":"\#($0)""# } ?? ""
        return Event(
            type: "item.added", stream: "stock/\(id)", data: #"{"name":"\#(name ?? id)"\#(parent)}"#
        )
    }

    /// More or fewer of an item.
    static func counted(_ id: String, _ delta: Int) -> Event {
        Event(type: "item.counted", stream: "stock/\(id)", data: #"{"delta":\#(delta)}"#)
    }
}

/// A store with the stock projection in files of its own.
struct StockStore {
    let projections: TemporaryFolder
    let temporary: TemporaryStore

    init(
        migrates: Bool = true, migrations: [String: String] = Stock.migrations,
        options: (inout EventStore.Options) -> Void = { _ in }
    ) throws {
        projections = try Stock.folder(migrations)
        temporary = try TemporaryStore(
            .folder(projections.path), migrates: migrates, options: options)
    }

    var store: EventStore { temporary.store }
    var path: String { temporary.path }

    /// The file of a migration.
    func migrationFile(_ name: String) -> String {
        "\(projections.path)/stock/Migrations/\(name).sql"
    }

    /// Rows of the live projection, each as one line.
    func rows(_ sql: String) throws -> [String] {
        try lines(of: store, sql)
    }

    /// The names in the folder of built files.
    func generations() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: "\(path)/generations").sorted()
    }
}

/// Rows of a projection, each as one line with `|` between the values.
func lines(
    of store: EventStore, _ sql: String, projection: String = Stock.name, asOf: AsOf? = nil
) throws -> [String] {
    var lines: [String] = []
    try store.query(projection, sql, asOf: asOf, columns: { _ in }) { row in
        lines.append(
            row.map { value in
                switch value {
                case .null: "-"
                case .integer(let number): "\(number)"
                case .real(let number): "\(number)"
                case .text(let text): text
                case .blob(let bytes): "\(bytes.count) bytes"
                }
            }.joined(separator: "|"))
    }
    return lines
}

/// The error that a body throws, as the store's kind of error.
func refusal<R>(_ body: () throws -> R) -> AnnalsError? {
    do {
        _ = try body()
        return nil
    } catch {
        return error as? AnnalsError
    }
}

/// Numbers that a seed decides (SplitMix64).
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// Whether the long forms of the tests run.
let isSoak = ProcessInfo.processInfo.environment["ANNALS_SOAK"] != nil

/// Changes a SQLite file behind the store's back.
func sqlite(_ path: String, _ sql: String) throws {
    try DatabaseQueue(path: path).write { try $0.execute(sql: sql) }
}
