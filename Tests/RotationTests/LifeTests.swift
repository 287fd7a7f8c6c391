import Annals
import AnnalsTesting
import EventModel
import ProjectionEngine
import RotationProjection
import Testing

@Suite("The projection's migrations")
struct LifeTests {
    /// The definition with one of its files changed.
    private func definition(
        _ file: String, _ change: (String) -> String
    ) throws -> ProjectionDefinition {
        try ProjectionDefinition.load(
            manifest: ("Rotation/projection.yaml", Rotation.manifest),
            files: Rotation.files.map { name, bytes in
                guard name == file else { return (name, bytes) }
                return (name, Array(change(String(decoding: bytes, as: UTF8.self)).utf8))
            })
    }

    @Test("M2.5 X2.9 checksums are those of the text: an edit of an applied migration is told")
    func checksums() throws {
        let temporary = try TemporaryStore(.builtIn([Rotation.definition()]))
        #expect(try temporary.store.drift(of: "rotation").isEmpty)
        let comment = try definition("003_rotation_configs.sql") {
            $0.replacing("escape: NULL equals nothing", with: "escape")
        }
        #expect(
            try temporary.reopen { $0.builtIn = [comment] }.drift(of: "rotation").map(\.kind)
                == [.cosmetic])
        let edited = try definition("003_rotation_configs.sql") {
            $0.replacing("name TEXT NOT NULL,", with: "name TEXT,")
        }
        let drift = try temporary.reopen { $0.builtIn = [edited] }.drift(of: "rotation")
        #expect(drift.map(\.kind) == [.edited] && drift[0].number == 3 && drift[0].part == "up")
    }

    @Test(
        "M3.4 M3.5 M2.10 each migration is one file with a header, Up and Down, inside the program")
    func files() throws {
        let definition = try Rotation.definition()
        try definition.check()
        #expect(definition.migrations.count == Rotation.files.count)
        for migration in definition.migrations {
            #expect(!migration.description.isEmpty && migration.checksums.whole.count >= 32)
            #expect(Rotation.files.contains { $0.name == "\(migration.fullName).sql" })
        }
    }

    @Test(
        "M2.7 M3.6 X2.17 what is applied is not run again, and no file makes what another has made")
    func once() throws {
        let temporary = try TemporaryStore(.builtIn([Rotation.definition()]))
        #expect(try temporary.store.migrate("rotation").applied.isEmpty)
        let twice = try definition("007_sticky_sessions.sql") {
            $0.replacing(
                "-- The shape of programs",
                with:
                    """
                    ALTER TABLE proxies ADD COLUMN credential_id TEXT;

                    -- The shape of programs
                    """)
        }
        #expect(throws: AnnalsError.self) { try twice.check() }
    }
}
