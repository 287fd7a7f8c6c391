import Foundation
import Testing

@Suite("M1.14 K10 Dialects, from outside")
struct DialectTests {
    private func nameDialect(_ store: TestStore) throws {
        let manifest = store.projections.appendingPathComponent("people/projection.yaml")
        try Data("dialect: postgresql\n\(PeopleProjection.manifest)".utf8).write(to: manifest)
    }

    @Test("A store of an unsupported dialect is not made; not even a folder stays")
    func initRefused() throws {
        let store = try TestStore()
        try PeopleProjection.write(to: store.projections)
        try nameDialect(store)
        let error = try store.fail(
            "DIALECT_UNSUPPORTED", ["init", "--projections", store.projections.path])
        #expect(error["file"] as? String == "people/projection.yaml")
        #expect(error["line"] as? Int == 1)
        #expect((error["hint"] as? String)?.contains("sqlite") == true)
        #expect(!FileManager.default.fileExists(atPath: store.path))
    }

    @Test("Named later, it is refused before any change: the store stays byte-identical")
    func migrateRefused() throws {
        let store = try TestStore.people("--no-migrate")
        try nameDialect(store)
        let before = try store.files()
        try store.fail("DIALECT_UNSUPPORTED", ["migrate"])
        #expect(try store.files() == before)
    }
}
