import Foundation

/// The projection of the lifecycle tests: three modules, ways back by SQL and only by replay.
enum ShopProjection {
    static let manifest = """
        name: shop
        description: What a shop sells
        modules:
          - { name: core, range: [1, 9], description: "items" }
          - { name: reports, range: [10, 19], depends: [core], optional: true, default: enabled }
          - { name: extras, range: [20, 29], depends: [core], optional: true }

        """

    /// The text of a migration.
    static func migration(
        _ name: String, module: String, depends: String? = nil, up: String,
        handlers: [String: String] = [:], down: String?
    ) -> String {
        let depends = depends.map { "-- Depends: \($0)\n" } ?? ""
        let handlers = handlers.sorted { $0.key < $1.key }
            .map { "-- On \($0.key)\n\($0.value)\n\n" }.joined()
        let down =
            down.map { "-- Down\n\($0)\n" }
            ?? "-- Down: replay\n-- Counts are sums: nothing takes one away again.\n"
        return "-- Migration: \(name)\n-- Description: Part of the shop\n-- Module: \(module)\n"
            + "\(depends)\n-- Up\n\(up)\n\n\(handlers)\(down)"
    }

    /// The files by name.
    static let migrations = [
        "001_items": migration(
            "001_items", module: "core",
            up: "CREATE TABLE items (id TEXT PRIMARY KEY, name TEXT NOT NULL) STRICT;",
            handlers: ["item.added": "INSERT INTO items (id, name) VALUES (@key, $name);"],
            down: "DROP TABLE items;"),
        "002_prices": migration(
            "002_prices", module: "core", depends: "001",
            up: "ALTER TABLE items ADD COLUMN price INTEGER CHECK (price >= 0);",
            handlers: ["item.priced": "UPDATE items SET price = $price WHERE id = @key;"],
            down: "ALTER TABLE items DROP COLUMN price;"),
        "003_stock": migration(
            "003_stock", module: "core", depends: "002",
            up: "ALTER TABLE items ADD COLUMN stock INTEGER NOT NULL DEFAULT 0;",
            handlers: [
                "item.stocked": "UPDATE items SET stock = stock + $count WHERE id = @key;"
            ], down: nil),
        "010_totals": migration(
            "010_totals", module: "reports", depends: "001",
            up: "CREATE TABLE totals (id INTEGER PRIMARY KEY, items INTEGER NOT NULL) STRICT;",
            handlers: [
                "item.added": """
                INSERT INTO totals (id, items) VALUES (1, 1)
                ON CONFLICT (id) DO UPDATE SET items = items + 1;
                """
            ], down: "DROP TABLE totals;"),
        "020_labels": migration(
            "020_labels", module: "extras", depends: "001",
            up: "CREATE TABLE labels (id TEXT PRIMARY KEY, label TEXT NOT NULL) STRICT;",
            handlers: ["item.labelled": "INSERT INTO labels (id, label) VALUES (@key, $label);"],
            down: "DROP TABLE labels;"),
    ]

    /// Eight events: three items, two prices, two counts, one label.
    static let events =
        [
            ("item.added", "item/1", #"{"name":"Lamp"}"#),
            ("item.added", "item/2", #"{"name":"Rug"}"#),
            ("item.added", "item/3", #"{"name":"Vase"}"#),
            ("item.priced", "item/1", #"{"price":40}"#),
            ("item.priced", "item/2", #"{"price":90}"#),
            ("item.stocked", "item/1", #"{"count":7}"#),
            ("item.stocked", "item/3", #"{"count":2}"#),
            ("item.labelled", "item/2", #"{"label":"new"}"#),
        ].map { type, stream, data in
            #"{"specversion":"1.0","id":"\#(type)/\#(stream)","source":"test","type":"\#(type)","#
                + #""subject":"\#(stream)","data":\#(data)}"#
        }.joined(separator: "\n") + "\n"

    /// Writes the projection's folder below `folder`.
    static func write(to folder: URL) throws {
        let home = folder.appendingPathComponent("shop/Migrations")
        try FileManager.default.createDirectory(at: home, withIntermediateDirectories: true)
        try Data(manifest.utf8).write(to: folder.appendingPathComponent("shop/projection.yaml"))
        for (name, text) in migrations {
            try Data(text.utf8).write(to: home.appendingPathComponent("\(name).sql"))
        }
    }
}
