import AgentsProjection
import AllProjections
import Foundation
import ProjectionEngine
import RotationProjection
import Testing
import UsageProjection

@Suite("The projections inside the program")
struct BuiltInTests {
    @Test(
        "Every file of the folders is embedded, and equal",
        arguments: [
            ("Rotation", Rotation.manifest, Rotation.files),
            ("Agents", Agents.manifest, Agents.files),
            ("Usage", Usage.manifest, Usage.files),
        ])
    func embedded(
        name: String, manifest: [UInt8], files: [(name: String, bytes: [UInt8])]
    ) throws {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../Projections/\(name)").standardizedFileURL
        #expect(
            try Data(contentsOf: folder.appendingPathComponent("projection.yaml")) == Data(manifest)
        )
        let migrations = folder.appendingPathComponent("Migrations")
        let names = try FileManager.default.contentsOfDirectory(atPath: migrations.path)
            .filter { $0.hasSuffix(".sql") }.sorted()
        #expect(files.map(\.name) == names)
        for file in files {
            #expect(
                try Data(contentsOf: migrations.appendingPathComponent(file.name))
                    == Data(file.bytes), "\(file.name)")
        }
    }

    @Test("Their definitions load, are sorted by name, and hold at every version")
    func definitions() throws {
        let definitions = try BuiltInProjections.definitions()
        #expect(definitions.map(\.name) == ["agents", "rotation", "usage"])
        for definition in definitions { try definition.check() }
    }
}
