import EventModel
import Foundation
import ProjectionEngine

/// The files in `Fixtures`, and how a migration and an error are written down beside them.
enum MigrationsFixture {
    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("Fixtures")

    /// The names of the SQL files in a folder of the fixtures, without `.sql`, sorted.
    static func names(in name: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(
            at: folder.appendingPathComponent(name), includingPropertiesForKeys: nil
        )
        .filter { $0.pathExtension == "sql" }.map { $0.deletingPathExtension().lastPathComponent }
        .sorted()
    }

    static func bytes(_ path: String) throws -> [UInt8] {
        Array(try Data(contentsOf: folder.appendingPathComponent(path)))
    }

    static func text(_ path: String) throws -> String {
        try String(contentsOf: folder.appendingPathComponent(path), encoding: .utf8)
    }

    /// An error in one or two lines: `line:col CODE message`, then the hint.
    static func render(_ error: AnnalsError) -> String {
        "\(error.context.line ?? 0):\(error.context.column ?? 0) \(error.code) \(error.message)\n"
            + "\(error.hint)\n"
    }

    /// Everything that a parse finds but the hashes.
    static func render(_ migration: Migration) -> String {
        var lines = [
            "migration \(migration.fullName)", "module \(migration.module)",
            "description \(migration.description)", "depends \(migration.depends)",
        ]
        lines += render("up", migration.up)
        for handler in migration.handlers {
            lines += render("on \(handler.eventType)", handler.section)
        }
        lines += migration.offs.map { "off \($0.eventType) line \($0.line)" }
        for seed in migration.seeds {
            lines.append("seed \(seed.type) \(seed.stream) \(seed.id) line \(seed.line)")
            lines += String(decoding: seed.data, as: UTF8.self).split(separator: "\n").map {
                "| \($0)"
            }
        }
        for upcast in migration.upcasts {
            lines += render(
                "upcast \(upcast.eventType) \(upcast.from) \(upcast.to)", upcast.section)
        }
        switch migration.down {
        case .sql(let section): lines += render("down", section)
        case .replay: lines.append("down replay")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func render(_ title: String, _ section: SQLSection) -> [String] {
        ["\(title) line \(section.firstLine)"]
            + section.sql.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
            .map { "| \($0)" }
    }
}

/// A projection built from texts.
struct MigrationsDraft {
    var manifest: String
    var files: [(name: String, bytes: [UInt8])] = []

    init(
        _ manifest: String = """
        name: shop
        modules:
          - { name: core, range: [1, 9] }
          - { name: extra, range: [10, 19], depends: [core], optional: true }
        """
    ) {
        self.manifest = manifest
    }

    /// Adds a migration; its module and dependencies default to what is right.
    mutating func add(
        _ name: String, module: String = "core", depends: String = "", up: String? = nil,
        _ sections: String = "", down: String = "-- Down: replay"
    ) {
        let text = """
            -- Migration: \(name)
            -- Description: a part of a draft
            -- Module: \(module)
            \(depends.isEmpty ? "" : "-- Depends: \(depends)\n")
            -- Up
            \(up ?? "CREATE TABLE t\(name) (id INTEGER PRIMARY KEY);")
            \(sections)
            \(down)
            """
        files.append(("\(name).sql", Array(text.utf8)))
    }

    func load() throws(AnnalsError) -> ProjectionDefinition {
        try ProjectionDefinition.load(
            manifest: ("projection.yaml", Array(manifest.utf8)), files: files)
    }
}

extension MigrationsDraft {
    /// A file's text.
    func text(of file: String) -> String {
        files.first { $0.name == file }.map { String(decoding: $0.bytes, as: UTF8.self) } ?? ""
    }

    /// Leaves the schema as it is: `-- Up: none`.
    mutating func removeUp(of file: String) {
        edit(file) { text in
            let start = text.firstRange(of: "-- Up\n")?.lowerBound ?? text.startIndex
            let end = text.firstRange(of: ";\n")?.upperBound ?? text.endIndex
            text.replaceSubrange(start..<end, with: "-- Up: none\n")
        }
    }

    /// Changes a file's text.
    mutating func edit(_ file: String, _ change: (inout String) -> Void) {
        for index in files.indices where files[index].name == file {
            var text = String(decoding: files[index].bytes, as: UTF8.self)
            change(&text)
            files[index].bytes = Array(text.utf8)
        }
    }
}
