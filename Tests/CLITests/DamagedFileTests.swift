import Foundation
import Testing

/// What derives from the log may be gone, empty or garbage: that is told for what it concerns, and
/// everything else goes on.
@Suite struct DamagedFileTests {
    enum Damage: String, CaseIterable, CustomTestStringConvertible {
        case deleted, empty, garbage, foreign

        var testDescription: String { rawValue }

        func strike(_ path: String) throws {
            let file = URL(fileURLWithPath: path)
            switch self {
            case .deleted: try FileManager.default.removeItem(at: file)
            case .empty: try Data().write(to: file)
            case .garbage:
                try Data((0..<20_000).map { UInt8(truncatingIfNeeded: $0 * 7) }).write(to: file)
            // A database, but none of ours.
            case .foreign: try Data(base64Encoded: Self.database)?.write(to: file)
            }
        }

        /// The first page of an empty SQLite database: the magic, then a header of page size 512.
        private static var database: String {
            var page = Data("SQLite format 3\u{0}".utf8)
            page += Data([2, 0, 1, 1, 0, 64, 32, 32, 0, 0, 0, 1, 0, 0, 0, 1])
            page += Data(repeating: 0, count: 512 - page.count)
            page[47] = 4
            page[59] = 1
            page[100] = 13
            page[105] = 2
            return page.base64EncodedString()
        }
    }

    @Test(
        "A projection's file that is of no use is told, and the others go on",
        arguments: Damage.allCases)
    func projectionFile(_ damage: Damage) throws {
        let store = try TestStore.builtIn()
        try damage.strike("\(store.path)/generations/rotation-0001.sqlite")
        let verify = try store.run("verify", "--json")
        #expect(verify.status == 6, "\(verify.output)\(verify.error)")
        let found = try #require(try verify.json["projections"] as? [[String: Any]])
        #expect(found.map { $0["name"] as? String } == ["agents", "rotation", "usage"])
        #expect(found.map { $0["equal"] as? Bool } == [true, false, true])
        let code = try #require(found[1]["code"] as? String)
        #expect(["FILE_MISSING", "PROJECTION_CORRUPT", "PROJECTION_FORMAT"].contains(code))

        try store.fail(code, ["query", "rotation", "SELECT 1"])
        try store.succeed("query", "agents", "SELECT 1")
        #expect(try store.projection("rotation")["state"] as? String == "missing")
        #expect(try store.projection("usage")["state"] as? String == "current")
        for arguments in [["doctor"], ["doctor", "--full"]] {
            let doctor = try store.run(arguments + ["--json"])
            #expect(doctor.status == 1, "\(doctor.error)")
            let findings = try #require(try doctor.json["findings"] as? [[String: Any]])
            #expect(findings.first?["code"] as? String == "FILE_MISSING")
            #expect(findings.allSatisfy { $0["projection"] as? String == "rotation" })
            #expect(findings.first?["remedy"] as? String == "annals rebuild rotation")
        }
        try store.succeed("rebuild", "rotation")
        try store.succeed("verify")
        try store.succeed("doctor", "--full")
    }

    @Test(
        "A garbled store.json counts as missing, since the log repeats it",
        arguments: ["", "{", "[1]"])
    func manifest(text: String) throws {
        let store = try TestStore.people()
        let manifest = URL(fileURLWithPath: "\(store.path)/store.json")
        let sound = try Data(contentsOf: manifest)
        try Data(text.utf8).write(to: manifest)
        let before = try store.files()
        #expect(try store.projection("people")["state"] as? String == "current")
        let doctor = try store.run("doctor", "--json")
        let findings = try #require(try doctor.json["findings"] as? [[String: Any]])
        #expect(findings.map { $0["code"] as? String } == ["MANIFEST_DAMAGED"])
        #expect(findings.map { $0["remedy"] as? String } == ["annals doctor --heal"])
        #expect(try store.files() == before)
        try store.succeed("doctor", "--heal")
        #expect(try Data(contentsOf: manifest) == sound)
        // A newer format is no damage.
        try Data(#"{"format":99,"id":"x"}"#.utf8).write(to: manifest)
        try store.fail("FORMAT_NEWER", ["doctor", "--heal"])
    }
}
