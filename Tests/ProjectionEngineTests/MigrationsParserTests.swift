import EventModel
import Foundation
import ProjectionEngine
import Testing

@Suite struct MigrationsParserTests {
    @Test("A well-formed file parses to what its golden text says", arguments: try goodNames())
    func good(name: String) throws {
        let migration = try Migration.parse(
            file: "\(name).sql", bytes: try MigrationsFixture.bytes("good/\(name).sql"))
        let rendered = MigrationsFixture.render(migration)
        try record(rendered, "good/\(name).txt")
        #expect(rendered == (try MigrationsFixture.text("good/\(name).txt")))
    }

    @Test(
        "A defective file is refused at the place its golden text says", arguments: try badNames())
    func bad(name: String) throws {
        let bytes = try MigrationsFixture.bytes("bad/\(name).sql")
        let error = try #require(throws: AnnalsError.self) {
            try Migration.parse(file: "\(name).sql", bytes: bytes)
        }
        let rendered = MigrationsFixture.render(error)
        try record(rendered, "bad/\(name).txt")
        #expect(rendered == (try MigrationsFixture.text("bad/\(name).txt")))
        let (line, column) = (error.context.line ?? 0, error.context.column ?? 0)
        #expect(error.kind == .invalid)
        #expect(error.context.file == "\(name).sql")
        #expect(error.message.hasPrefix("\(name).sql:\(line):\(column): "))
        #expect(!error.hint.isEmpty)
    }

    @Test("A file beyond the size limit is refused before it is read")
    func tooLarge() {
        let bytes = [UInt8](repeating: 0x20, count: SourceText.bytesMax + 1)
        let error = #expect(throws: AnnalsError.self) {
            try Migration.parse(file: "001_large.sql", bytes: bytes)
        }
        #expect(error?.code == "FILE_TOO_LARGE")
    }

    @Test(
        "A file's name must give number and name",
        arguments: [
            "1_base.sql", "01_base.sql", "0001_base.sql", "000_base.sql", "001-base.sql",
            "001_.sql",
            "001_Base.sql", "001_1base.sql", "001base.sql", "V1_base.sql", "V01__base.sql",
            "V0__base.sql", "U1__base.sql", "V1.1__base.sql", "v1__base.sql", "base.sql",
            "001_base",
            "../001_base.sql", "001_a/b.sql", "9999999_base.sql", "٠٠١_base.sql",
            "001_\(String(repeating: "a", count: 65)).sql",
        ])
    func badFileName(name: String) {
        let error = #expect(throws: AnnalsError.self) {
            try Migration.parse(file: name, bytes: [])
        }
        #expect(error?.code == "MIGRATION_FILE_NAME")
        #expect(error?.context.file == name)
    }

    @Test(
        "Both forms of a file's name are one name",
        arguments: [
            ("002_add_weight.sql", "002_add_weight"), ("V2__add_weight.sql", "V2__add_weight"),
            ("V2__add_weight.sql", "002_add_weight"), ("1000_a.sql", "V1000__a"),
        ])
    func fileNames(file: String, header: String) throws {
        let text = """
            -- Migration: \(header)
            -- Description: d
            -- Module: m
            -- Up
            CREATE TABLE t (id INTEGER PRIMARY KEY);
            -- Down: replay
            """
        let migration = try Migration.parse(file: file, bytes: Array(text.utf8))
        #expect([2, 1000].contains(migration.number))
        #expect(["002_add_weight", "1000_a"].contains(migration.fullName))
    }

    /// With `ANNALS_RECORD` set the golden text is written instead of compared: read its diff.
    private func record(_ rendered: String, _ path: String) throws {
        guard ProcessInfo.processInfo.environment["ANNALS_RECORD"] != nil else { return }
        try rendered.write(
            to: MigrationsFixture.folder.appendingPathComponent(path), atomically: true,
            encoding: .utf8)
    }

    private static func goodNames() throws -> [String] { try MigrationsFixture.names(in: "good") }
    private static func badNames() throws -> [String] { try MigrationsFixture.names(in: "bad") }
}
