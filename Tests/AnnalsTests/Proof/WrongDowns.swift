extension ProofCase {
    /// Adds a column in Up; Down takes it back and does something wrong besides.
    private static func plant(_ name: String, in table: String, _ sql: String) -> ProofCase {
        ProofCase(name: name, down: "ALTER TABLE item DROP COLUMN weight;\n\(sql)", table: table)
    }

    /// Adds a column in Up; Down makes the table of items anew, but not as it was.
    private static func remake(_ name: String, in table: String = "item", _ sql: String)
        -> ProofCase
    {
        ProofCase(name: name, down: sql, table: table)
    }

    /// Downs with one planted error each.
    static let wrong: [ProofCase] = schemaErrors + dataErrors

    private static let schemaErrors: [ProofCase] = [
        remake("lost index", rebuild(index: "")),
        remake("unique index made plain", rebuild(index: index.replacing("UNIQUE ", with: ""))),
        remake("changed default", rebuild("'none'", as: "'nothing'")),
        remake("lost CHECK", rebuild(" CHECK (size > 0)", as: "")),
        remake("weaker CHECK", rebuild("size > 0", as: "size >= 0")),
        remake("renamed column", rebuild("note,", as: "remark,")),
        remake("dropped trigger", rebuild(trigger: "")),
        remake("other trigger", rebuild(trigger: trigger.replacing("AFTER", with: "BEFORE"))),
        remake("changed collation", rebuild(" COLLATE NOCASE", as: "")),
        remake(
            "changed column order",
            rebuild(
                columns: columns.replacing("note,\ndata BLOB,", with: "data BLOB,\nnote,"),
                select: "id, name, price, size, data, note, code")),
        remake("WITHOUT ROWID lost", rebuild(options: "")),
        remake("wrong type", rebuild("price REAL", as: "price NUMERIC")),
        remake("lost NOT NULL", rebuild("name TEXT NOT NULL", as: "name TEXT")),
        remake("lost view", in: "names", rebuild(view: "")),
        plant(
            "lost foreign key action", in: "part",
            """
            CREATE TABLE part_new (
            \(part.replacing(" ON DELETE CASCADE", with: ""))
            );
            INSERT INTO part_new SELECT * FROM part;
            DROP TABLE part;
            ALTER TABLE part_new RENAME TO part;
            """),
        ProofCase(
            name: "column left over",
            up: "ALTER TABLE item ADD COLUMN weight; ALTER TABLE item ADD COLUMN height;",
            down: "ALTER TABLE item DROP COLUMN weight;", table: "item"),
        ProofCase(
            name: "table left over",
            up:
                "CREATE TABLE extra (id INTEGER PRIMARY KEY); CREATE TABLE more (id INTEGER PRIMARY KEY);",
            down: "DROP TABLE more;", table: "extra"),
    ]

    private static let dataErrors: [ProofCase] = [
        plant("dropped row", in: "item", "DELETE FROM item WHERE id = 'c';"),
        plant("changed value", in: "item", "UPDATE item SET size = size + 1 WHERE id = 'a';"),
        plant(
            "rows only with NULL lost", in: "loose",
            "DELETE FROM loose WHERE tag IS NULL AND amount IS NULL;"),
        plant("NULL made a value", in: "item", "UPDATE item SET code = coalesce(code, '');"),
        plant("empty blob made NULL", in: "item", "UPDATE item SET data = nullif(data, x'');"),
        plant(
            "integer turned into text", in: "item",
            "UPDATE item SET note = CAST(note AS TEXT) WHERE typeof(note) = 'integer';"),
        plant("integer turned into real", in: "item", "UPDATE item SET note = 7.0 WHERE note = 7;"),
        plant("real rounded", in: "item", "UPDATE item SET price = round(price, 1);"),
        plant(
            "large integer through a real", in: "item",
            "UPDATE item SET size = CAST(CAST(size AS REAL) AS INTEGER);"),
        plant("trailing spaces cut", in: "item", "UPDATE item SET code = rtrim(code);"),
        plant("letters made small", in: "item", "UPDATE item SET name = lower(name);"),
        plant(
            "blob turned into text", in: "item",
            "UPDATE item SET data = CAST(data AS TEXT) WHERE id = 'a';"),
        plant("child rows lost", in: "part", "DELETE FROM part WHERE number = 2;"),
        plant("side table of numbers reset", in: "counter", "UPDATE counter SET next = 0;"),
        plant(
            "equal rows merged", in: "loose",
            """
            CREATE TABLE kept (tag TEXT, amount INTEGER);
            INSERT INTO kept SELECT DISTINCT tag, amount FROM loose;
            DELETE FROM loose;
            INSERT INTO loose SELECT * FROM kept;
            DROP TABLE kept;
            """),
        plant("row invented", in: "spare", "INSERT INTO spare (id) VALUES (1);"),
        plant(
            "trigger fired on the way", in: "counter",
            """
            INSERT INTO item (id, name) VALUES ('d', 'd');
            DELETE FROM item WHERE id = 'd';
            """),
        ProofCase(
            name: "dropped column with its values", up: "ALTER TABLE item DROP COLUMN note;",
            down: rebuild(select: "id, name, price, size, NULL, data, code"),
            handlers: """
                -- On item.added
                INSERT INTO counter (name) VALUES ('item') ON CONFLICT DO NOTHING;
                INSERT INTO item (id, name, price, size, data, code)
                VALUES (@key, $name, $price, $size, CAST($data AS BLOB), $code);
                """, table: "item"),
    ]
}
