import EventModel
import ProjectionEngine
import Testing

@Suite("M1.14 K10 Dialects")
struct DialectTests {
    private func draft(manifest: String = "", header: String = "") -> MigrationsDraft {
        var draft = MigrationsDraft()
        draft.manifest = manifest + draft.manifest
        draft.add("001_base")
        draft.edit("001_base.sql") { text in
            text.replace("-- Module: core\n", with: "-- Module: core\n\(header)")
        }
        return draft
    }

    @Test("M1.14 sqlite may be said, and is meant when nothing is said")
    func supported() throws {
        for definition in [
            try draft().load(), try draft(manifest: "dialect: sqlite\n").load(),
            try draft(header: "-- Dialect: sqlite\n").load(),
        ] {
            #expect(definition.dialect == .sqlite)
            try definition.check()
        }
    }

    @Test(
        "M1.14 Any other database is refused at its place, and what is supported is named",
        arguments: ["postgresql", "mysql", "SQLite"])
    func refused(_ name: String) throws {
        let inManifest = #expect(throws: AnnalsError.self) {
            _ = try draft(manifest: "dialect: \(name)\n").load()
        }
        #expect(inManifest?.code == "DIALECT_UNSUPPORTED")
        #expect(inManifest?.kind == .invalid)
        #expect(
            inManifest?.message.hasPrefix("projection.yaml:1:10: the dialect `\(name)`") == true)
        #expect(inManifest?.hint.contains("Supported is: sqlite.") == true)
        let inHeader = #expect(throws: AnnalsError.self) {
            _ = try draft(header: "-- Dialect: \(name)\n").load()
        }
        #expect(inHeader?.code == "DIALECT_UNSUPPORTED")
        #expect(inHeader?.message.hasPrefix("001_base.sql:4:1: ") == true)
    }

    @Test(
        "M1.14 A migration is the same one in every dialect: its token hash does not see the dialect"
    )
    func identity() throws {
        let plain = try draft().load().migrations[0]
        let named = try draft(header: "-- Dialect: sqlite\n").load().migrations[0]
        #expect(plain.checksums.tokens == named.checksums.tokens)
        #expect(plain.fullName == named.fullName)
    }
}
