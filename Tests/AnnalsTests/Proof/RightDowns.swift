extension ProofCase {
    /// Downs that take back exactly what Up and the new handlers did.
    static let right: [ProofCase] = schemaSteps + dataSteps

    private static let schemaSteps: [ProofCase] = [
        ProofCase(name: "column", down: "ALTER TABLE item DROP COLUMN weight;"),
        ProofCase(
            name: "column, written otherwise",
            down: "alter /* the way back */ table \"item\" drop column [weight]; -- done"),
        ProofCase(
            name: "column with default and CHECK",
            up: "ALTER TABLE item ADD COLUMN weight REAL NOT NULL DEFAULT 1.0 CHECK (weight > 0);",
            down: "ALTER TABLE item DROP COLUMN weight;"),
        ProofCase(
            name: "generated column",
            up: "ALTER TABLE item ADD COLUMN double_size INTEGER AS (size * 2) VIRTUAL;",
            down: "ALTER TABLE item DROP COLUMN double_size;"),
        ProofCase(name: "table made anew as it was", down: rebuild()),
        ProofCase(
            name: "table made anew in other letters",
            down: rebuild(
                columns: columns.replacing("TEXT", with: "text").replacing(
                    "note,", with: "\"note\" ,"))),
        ProofCase(
            name: "index", up: "CREATE INDEX item_size ON item (size);",
            down: "DROP INDEX item_size;"),
        ProofCase(
            name: "partial index on an expression",
            up: "CREATE INDEX item_size ON item (size * 2) WHERE price > 1;",
            down: "DROP INDEX item_size;"),
        ProofCase(
            name: "index changed",
            up: "DROP INDEX item_name; CREATE INDEX item_name ON item (name, price);",
            down: "DROP INDEX item_name; \(index)"),
        ProofCase(
            name: "trigger",
            up: """
                CREATE TRIGGER no_delete BEFORE DELETE ON item BEGIN
                    SELECT RAISE(ABORT, 'no; never') WHERE old.size > 1;
                END;
                """, down: "DROP TRIGGER no_delete;"),
        ProofCase(
            name: "view", up: "CREATE VIEW sizes AS SELECT id, size FROM item;",
            down: "DROP VIEW sizes;"),
        ProofCase(name: "view taken away", up: "DROP VIEW names;", down: view),
        ProofCase(
            name: "column renamed", up: "ALTER TABLE loose RENAME COLUMN tag TO label;",
            down: "ALTER TABLE loose RENAME COLUMN label TO tag;",
            handlers: """
                -- On loose.added
                INSERT INTO loose (label, amount) VALUES ($tag, $amount);
                """),
        ProofCase(
            name: "parent renamed", up: "ALTER TABLE item RENAME TO thing;",
            down: "ALTER TABLE thing RENAME TO item;",
            handlers: """
                -- On item.added
                INSERT INTO counter (name) VALUES ('item') ON CONFLICT DO NOTHING;
                INSERT INTO thing (id, name, price, size, note, data, code)
                VALUES (@key, $name, $price, $size, $note, CAST($data AS BLOB), $code);
                """),
        ProofCase(
            name: "column that nobody filled", up: "ALTER TABLE spare DROP COLUMN unused;",
            down: "ALTER TABLE spare ADD COLUMN unused TEXT;"),
        ProofCase(
            name: "foreign key action changed and restored",
            up: """
                CREATE TABLE part_new (
                \(part.replacing(" ON DELETE CASCADE", with: ""))
                );
                INSERT INTO part_new SELECT * FROM part;
                DROP TABLE part;
                ALTER TABLE part_new RENAME TO part;
                """,
            down: """
                CREATE TABLE part_new (
                \(part)
                );
                INSERT INTO part_new SELECT * FROM part;
                DROP TABLE part;
                ALTER TABLE part_new RENAME TO part;
                """),
    ]

    private static let dataSteps: [ProofCase] = [
        ProofCase(
            name: "table of a new event",
            up: "CREATE TABLE visit (id INTEGER PRIMARY KEY, item TEXT);",
            down: "DROP TABLE visit;",
            handlers: """
                -- On part.added
                INSERT INTO part (item, number) VALUES (@key, $number);
                INSERT INTO visit (id, item) VALUES (@position, @key);
                """),
        ProofCase(
            name: "parent and child",
            up: """
                CREATE TABLE box (id TEXT NOT NULL PRIMARY KEY);
                CREATE TABLE content (
                    box TEXT NOT NULL REFERENCES box (id) ON DELETE CASCADE,
                    item TEXT NOT NULL REFERENCES item (id),
                    PRIMARY KEY (box, item)
                );
                """,
            down: "DROP TABLE box; DROP TABLE content;",
            handlers: """
                -- On loose.added
                INSERT INTO loose (tag, amount) VALUES ($tag, $amount);
                INSERT INTO box (id) VALUES (@position);
                INSERT INTO content (box, item) VALUES (@position, 'a');
                """),
        ProofCase(
            name: "every value negated and back", up: "UPDATE part SET number = -number;",
            down: "UPDATE part SET number = -number;",
            handlers: """
                -- On part.added
                INSERT INTO part (item, number) VALUES (@key, -$number);
                """),
        ProofCase(
            name: "column moved into a table and back",
            up: """
                CREATE TABLE price_of (item TEXT NOT NULL PRIMARY KEY, price REAL);
                INSERT INTO price_of SELECT id, price FROM item;
                ALTER TABLE item DROP COLUMN price;
                """,
            down: rebuild(
                select: "id, name, price_of.price, size, note, data, code",
                from: "item JOIN price_of ON price_of.item = item.id") + "\nDROP TABLE price_of;",
            handlers: """
                -- On item.added
                INSERT INTO counter (name) VALUES ('item') ON CONFLICT DO NOTHING;
                INSERT INTO item (id, name, size, note, data, code)
                VALUES (@key, $name, $size, $note, CAST($data AS BLOB), $code);
                INSERT INTO price_of (item, price) VALUES (@key, $price);
                """),
        ProofCase(
            name: "sum kept by triggers",
            up: """
                CREATE TABLE total (id INTEGER PRIMARY KEY, amount INTEGER NOT NULL);
                CREATE TRIGGER loose_summed AFTER INSERT ON loose BEGIN
                    INSERT INTO total (id, amount) VALUES (1, coalesce(new.amount, 0))
                    ON CONFLICT (id) DO UPDATE SET amount = amount + excluded.amount;
                END;
                """, down: "DROP TRIGGER loose_summed; DROP TABLE total;"),
        ProofCase(
            name: "handler alone", up: "CREATE INDEX part_number ON part (number);",
            down: "DROP INDEX part_number;",
            handlers: """
                -- On nothing.happened
                DELETE FROM loose;
                """),
    ]
}
