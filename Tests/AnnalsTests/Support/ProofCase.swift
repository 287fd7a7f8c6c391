import Annals
import AnnalsTesting
import EventModel
import ProjectionEngine
import Testing

/// A second migration with a way back that is right or wrong.
struct ProofCase: Sendable, CustomTestStringConvertible {
    /// What is planted, or what is right.
    let name: String
    /// The statements of Up.
    var up = "ALTER TABLE item ADD COLUMN weight INTEGER;"
    /// The statements of Down.
    let down: String
    /// Handlers that the migration brings along, as the file has them.
    var handlers = ""
    /// The table that must be named; `nil` when Down is right.
    var table: String?

    var testDescription: String { name }

    /// The projection: the base, and the migration of the case.
    func definition() throws -> ProjectionDefinition {
        let step = """
            -- Migration: 002_step
            -- Description: The step of the case
            -- Module: main
            -- Depends: 001

            -- Up
            \(up)

            \(handlers)

            -- Down
            \(down)

            """
        return try ProjectionDefinition.load(
            manifest: ("warehouse/projection.yaml", Array(Self.manifest.utf8)),
            files: [
                ("001_base.sql", Array(Self.base.utf8)), ("002_step.sql", Array(step.utf8)),
            ])
    }

    static let manifest = """
        name: warehouse
        description: Items, their parts, and loose things
        modules:
          - { name: main, range: [1, 9] }
        """

    static let columns = """
        id TEXT NOT NULL PRIMARY KEY,
        name TEXT NOT NULL DEFAULT 'none' COLLATE NOCASE,
        price REAL,
        size INTEGER CHECK (size > 0),
        note,
        data BLOB,
        code TEXT
        """
    static let index = "CREATE UNIQUE INDEX item_name ON item (name);"
    static let trigger = """
        CREATE TRIGGER item_counted AFTER INSERT ON item BEGIN
            UPDATE counter SET next = CASE WHEN next IS NULL THEN 1 ELSE next + 1 END
            WHERE name = 'item';
        END;
        """
    static let view = "CREATE VIEW names AS SELECT name FROM item;"
    static let part = """
        item TEXT NOT NULL REFERENCES item (id) ON DELETE CASCADE,
        number INTEGER NOT NULL,
        PRIMARY KEY (item, number)
        """

    static let base = """
        -- Migration: 001_base
        -- Description: Items, their parts, and loose things
        -- Module: main

        -- Up
        CREATE TABLE counter (name TEXT NOT NULL PRIMARY KEY, next INTEGER);
        CREATE TABLE item (
        \(columns)
        ) WITHOUT ROWID;
        \(index)
        \(trigger)
        \(view)
        CREATE TABLE part (
        \(part)
        );
        CREATE TABLE loose (tag TEXT, amount INTEGER);
        CREATE TABLE spare (id INTEGER PRIMARY KEY, unused TEXT);

        -- On item.added
        INSERT INTO counter (name) VALUES ('item') ON CONFLICT DO NOTHING;
        INSERT INTO item (id, name, price, size, note, data, code)
        VALUES (@key, $name, $price, $size, $note, CAST($data AS BLOB), $code);

        -- On part.added
        INSERT INTO part (item, number) VALUES (@key, $number);

        -- On loose.added
        INSERT INTO loose (tag, amount) VALUES ($tag, $amount);

        -- Down
        DROP VIEW names;
        DROP TABLE spare;
        DROP TABLE loose;
        DROP TABLE part;
        DROP TABLE item;
        DROP TABLE counter;

        """

    /// The table of items made anew, with everything that hangs on it.
    static func rebuild(
        columns: String = columns, options: String = "WITHOUT ROWID",
        select: String = "id, name, price, size, note, data, code", from: String = "item",
        index: String = index, trigger: String = trigger, view: String = view
    ) -> String {
        """
        DROP VIEW names;
        CREATE TABLE item_new (
        \(columns)
        ) \(options);
        INSERT INTO item_new SELECT \(select) FROM \(from);
        DROP TABLE item;
        ALTER TABLE item_new RENAME TO item;
        \(index)
        \(trigger)
        \(view)
        """
    }

    /// The table of items made anew with one thing changed.
    static func rebuild(_ old: String, as new: String) -> String {
        precondition(columns.contains(old), "\(old) is to be replaced")
        return rebuild(columns: columns.replacing(old, with: new))
    }

    /// A history in which every planted error shows.
    static let events: [Event] = {
        func item(_ key: String, _ data: String) -> Event {
            Event(type: "item.added", stream: "item/\(key)", data: data)
        }
        func part(_ key: String, _ number: Int) -> Event {
            Event(type: "part.added", stream: "item/\(key)", data: #"{"number":\#(number)}"#)
        }
        func loose(_ data: String) -> Event {
            Event(type: "loose.added", stream: "loose/all", data: data)
        }
        return [
            item(
                "a", #"{"name":"Anvil","price":10.25,"size":3,"note":7,"data":"abc","code":"x  "}"#),
            item("b", #"{"name":"bolt","price":0.1,"size":9007199254740993,"note":"7"}"#),
            item("c", #"{"name":"Cog","note":1.5,"data":"","code":"y"}"#),
            part("a", 1), part("a", 2), part("b", 1),
            loose(#"{"tag":"t","amount":1}"#), loose(#"{"tag":"t","amount":1}"#),
            loose(#"{"tag":"u"}"#), loose("{}"),
        ]
    }()

    /// A store with the projection and its history.
    func store(_ events: [Event] = events) throws -> TemporaryStore {
        let temporary = try TemporaryStore(.builtIn([try definition()]), migrates: false)
        if !events.isEmpty { _ = try temporary.store.appendAndWait(events) }
        return temporary
    }
}
