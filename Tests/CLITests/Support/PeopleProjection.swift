import Foundation

/// A projection of the tests: every kind of constraint, two versions, and a way back only by replay.
enum PeopleProjection {
    static let manifest = """
        name: people
        description: People and their teams
        modules:
          - { name: core, range: [1, 9], description: "people and teams" }
        """

    static let base = """
        -- Migration: 001_people
        -- Description: People and their teams
        -- Module: core

        -- Up
        CREATE TABLE teams (id TEXT NOT NULL PRIMARY KEY) STRICT, WITHOUT ROWID;
        CREATE TABLE people (
            id TEXT NOT NULL PRIMARY KEY,
            name TEXT NOT NULL UNIQUE,
            age INTEGER CHECK (age >= 0),
            team TEXT REFERENCES teams (id)
        ) STRICT, WITHOUT ROWID;

        -- On team.added
        INSERT INTO teams (id) VALUES (@key);

        -- On person.added
        INSERT INTO people (id, name, age, team) VALUES (@key, $name, $age, $team);

        -- Down
        DROP TABLE people;
        DROP TABLE teams;

        """

    static let city = """
        -- Migration: 002_city
        -- Description: Where people live
        -- Module: core
        -- Depends: 001

        -- Up
        ALTER TABLE people ADD COLUMN city TEXT;

        -- On person.moved
        UPDATE people SET city = $city WHERE id = @key;

        -- Down
        ALTER TABLE people DROP COLUMN city;

        """

    /// Writes the projection's folder below `folder`.
    static func write(to folder: URL) throws {
        let migrations = folder.appendingPathComponent("people/Migrations")
        try FileManager.default.createDirectory(at: migrations, withIntermediateDirectories: true)
        for (name, text) in [
            ("../projection.yaml", manifest), ("001_people.sql", base), ("002_city.sql", city),
        ] {
            try Data(text.utf8).write(to: migrations.appendingPathComponent(name))
        }
    }

    /// CloudEvents lines that add people.
    static func lines(_ numbers: ClosedRange<Int>) -> String {
        numbers.map {
            #"{"specversion":"1.0","id":"p\#($0)","source":"test","type":"person.added","#
                + #""subject":"person/\#($0)","data":{"name":"Person \#($0)","age":\#($0 % 90)}}"#
        }.joined(separator: "\n") + "\n"
    }
}
