import Annals
import EventModel
import Foundation
import ProjectionEngine
import Testing

@Suite struct ProjectionFolderTests {
    /// A new folder, removed when the test lets go of it.
    private final class Folder {
        let url: URL

        init() throws {
            url = FileManager.default.temporaryDirectory
                .appendingPathComponent("annals-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        }

        deinit {
            do {
                try FileManager.default.removeItem(at: url)
            } catch {
                Issue.record(error)
            }
        }

        func write(_ text: String, _ path: String) throws {
            let file = url.appendingPathComponent(path)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
        }

        func link(_ path: String, to target: String) throws {
            try FileManager.default.createSymbolicLink(
                atPath: url.appendingPathComponent(path).path, withDestinationPath: target)
        }
    }

    private static let manifest = "name: shop\nmodules: [{ name: core, range: [1, 9] }]\n"

    private static func migration(_ name: String) -> String {
        """
        -- Migration: \(name)
        -- Description: d
        -- Module: core
        -- Up
        CREATE TABLE t\(name) (id INTEGER PRIMARY KEY);
        -- Down: replay
        """
    }

    private func shop() throws -> Folder {
        let folder = try Folder()
        try folder.write(Self.manifest, "shop/projection.yaml")
        try folder.write(Self.migration("001_a"), "shop/Migrations/001_a.sql")
        return folder
    }

    @Test("A folder gives its projections; files that are no migrations are passed over")
    func good() throws {
        let folder = try shop()
        try folder.write(Self.migration("V2__b"), "shop/Migrations/V2__b.sql")
        try folder.write("notes", "shop/Migrations/README.md")
        try folder.write("draft", "shop/Migrations/.001_a.sql.swp")
        try folder.write("draft", "shop/Migrations/._001_a.sql")
        try folder.write("no projection", "notes/readme.txt")
        try folder.write(
            "name: bare\nmodules: [{ name: m, range: [1, 1] }]", "other/projection.yaml")
        let found = try ProjectionDefinition.loadAll(in: folder.url.path)
        #expect(found.map(\.name) == ["bare", "shop"])
        #expect(found[1].migrations.map(\.fullName) == ["001_a", "002_b"])
        #expect(found[0].migrations.isEmpty)
        let again = try ProjectionDefinition.load(folder: folder.url.path + "/shop/")
        #expect(again == found[1])
        let real = folder.url.resolvingSymlinksInPath().path + "/shop"
        #expect(again.origin == .folder(real))
    }

    @Test("An SQL file with a bad name is an error, also in capitals")
    func badName() throws {
        for name in ["1_b.sql", "002-b.sql", "002_b.SQL"] {
            let folder = try shop()
            try folder.write(Self.migration("002_b"), "shop/Migrations/\(name)")
            let error = #expect(throws: AnnalsError.self) {
                try ProjectionDefinition.load(folder: folder.url.path + "/shop")
            }
            #expect(error?.code == "MIGRATION_FILE_NAME" && error?.context.file == name)
        }
    }

    @Test("Two folders with one name in their manifests are an error that names both")
    func duplicate() throws {
        let folder = try shop()
        try folder.write(Self.manifest, "shop-copy/projection.yaml")
        let error = #expect(throws: AnnalsError.self) {
            try ProjectionDefinition.loadAll(in: folder.url.path)
        }
        #expect(error?.code == "PROJECTION_DUPLICATE")
        #expect(error?.message.contains("shop and shop-copy") == true)
    }

    @Test("A link inside the folder is followed, one that leads out of it is refused")
    func links() throws {
        let folder = try shop()
        try folder.write(Self.migration("002_b"), "shop/store/b.txt")
        try folder.link("shop/Migrations/002_b.sql", to: "../store/b.txt")
        #expect(
            try ProjectionDefinition.load(folder: folder.url.path + "/shop").migrations.count == 2)

        let outside = try Folder()
        try outside.write(Self.migration("003_c"), "003_c.sql")
        try folder.link("shop/Migrations/003_c.sql", to: outside.url.path + "/003_c.sql")
        #expect(throws: AnnalsError(.invalid, "FILE_OUTSIDE", "")) {
            try ProjectionDefinition.load(folder: folder.url.path + "/shop")
        }
        let linked = try Folder()
        try linked.link("shop", to: try shop().url.path)
        try outside.write(Self.manifest, "projection.yaml")
        try linked.link("out", to: outside.url.path)
        #expect(throws: AnnalsError(.invalid, "FILE_OUTSIDE", "")) {
            try ProjectionDefinition.loadAll(in: linked.url.path)
        }
    }

    @Test("What cannot be read says which file")
    func unreadable() throws {
        let folder = try shop()
        for path in ["/nowhere", "/shop/projection.yaml"] {
            #expect(throws: AnnalsError(.unavailable, "FILE_UNREADABLE", "")) {
                try ProjectionDefinition.load(folder: folder.url.path + path)
            }
        }
        try folder.write("x", "empty/readme")
        let error = #expect(throws: AnnalsError.self) {
            try ProjectionDefinition.load(folder: folder.url.path + "/empty")
        }
        #expect(error?.message.contains("projection.yaml") == true)
        try FileManager.default.createDirectory(
            at: folder.url.appendingPathComponent("shop/Migrations/002_b.sql"),
            withIntermediateDirectories: false)
        #expect(throws: AnnalsError(.unavailable, "FILE_UNREADABLE", "")) {
            try ProjectionDefinition.load(folder: folder.url.path + "/shop")
        }
    }

    @Test("The projections of this repository load")
    func repository() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let found = try ProjectionDefinition.loadAll(in: root.path + "/Projections")
        #expect(found.map(\.name).contains("rotation"))
        for definition in found { #expect(!definition.migrations.isEmpty) }
    }
}
