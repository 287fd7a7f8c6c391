import EventModel
import Foundation
import ProjectionEngine
import Testing

/// Holds `docs/projections.md` to what it says: its example is loaded, checked and run.
@Suite struct MigrationsGuideTests {
    /// The fenced blocks of the page by the second word after the fence.
    func blocks() throws -> [String: String] {
        let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("docs/projections.md")
        var blocks: [String: String] = [:]
        let parts = try String(contentsOf: page, encoding: .utf8).components(separatedBy: "\n```")
        for part in parts {
            let lines = part.split(separator: "\n", maxSplits: 1)
            let words = lines.first?.split(separator: " ") ?? []
            if words.count == 2, lines.count == 2 { blocks[String(words[1])] = lines[1] + "\n" }
        }
        return blocks
    }

    func definition(_ blocks: [String: String]) throws -> ProjectionDefinition {
        let manifest = try #require(blocks["projection.yaml"])
        return try ProjectionDefinition.load(
            manifest: ("projection.yaml", Array(manifest.utf8)),
            files: blocks.filter { $0.key.hasSuffix(".sql") }.map { ($0.key, Array($0.value.utf8)) }
        )
    }

    private func events(_ text: String) throws -> [RecordedEvent] {
        try text.split(separator: "\n").enumerated().map { index, line in
            let object = try #require(
                try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            let time = Timestamp(milliseconds: try #require(object["time"] as? Int64))
            return RecordedEvent(
                position: Position(UInt64(index + 1)), revision: Revision(1), recorded: time,
                occurred: time, type: try #require(object["type"] as? String),
                stream: try #require(object["stream"] as? String), id: nil, tags: [],
                schemaVersion: object["version"] as? Int ?? 1,
                data: Array(try JSONSerialization.data(withJSONObject: object["data"] as Any)),
                metadata: [])
        }
    }

    @Test("The example of the guide loads, passes the check and gives the rows that the page shows")
    func example() throws {
        let blocks = try blocks()
        let definition = try definition(blocks)
        try definition.check()
        #expect(definition.migrations.map(\.number) == [1, 2, 10])
        #expect(definition.seeds(in: [1]).map(\.id) == ["library/handbook"])

        let events = try events(try #require(blocks["events"]))
        let workshop = try Workshop()
        defer { withExtendedLifetime(workshop) {} }
        let database = try workshop.build(definition, events)
        let rows = try database.rows(
            """
            SELECT b.title, l.reader, l.due, r.count
            FROM loans l JOIN books b ON b.id = l.book_id JOIN reminders r USING (reader)
            ORDER BY b.title
            """)
        let expected = try #require(blocks["rows"]).split(separator: "\n").map(String.init)
        #expect(rows.map { $0.joined(separator: "|") } == expected)
    }

    @Test("The words that the guide's tables promise are refused")
    func refusals() throws {
        let blocks = try blocks()
        let functions = [
            "random()", "randomblob(1)", "changes()", "total_changes()", "last_insert_rowid()",
            "sqlite_version()",
        ]
        for function in functions {
            var changed = blocks
            changed["001_books.sql"] = blocks["001_books.sql"]?
                .replacing("@key, $title", with: "\(function), $title")
            let definition = try definition(changed)
            #expect(throws: AnnalsError(.invalid, "SQL_REFUSED", "")) { try definition.check() }
        }
    }
}
