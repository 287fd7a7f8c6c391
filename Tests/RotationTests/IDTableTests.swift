import Foundation
import Testing

/// docs/rotation-ids.md says which tests show which item of the specification.
@Suite("The table of the specification's items")
struct IDTableTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    /// The items of the two parts about rotation, and the resolutions that concern it.
    private static let items: [String] =
        [
            ("T2.", 1...11), ("T3.", 1...7), ("O2.", 1...86), ("O3.", 1...25), ("M2.", 1...11),
            ("M3.", 1...6), ("E2.", 1...45), ("E3.", 1...5), ("X2.", 1...18), ("X3.", 1...3),
            ("C", 1...9), ("C", 11...12), ("C", 18...21), ("C", 31...33),
        ].flatMap { (kind: String, numbers: ClosedRange<Int>) in numbers.map { "\(kind)\($0)" } }

    /// The files whose tests' names hold an item.
    private func files() throws -> [String: Set<String>] {
        var found: [String: Set<String>] = [:]
        let tests = Self.root.appendingPathComponent("Tests")
        let walk = try #require(FileManager.default.enumerator(atPath: tests.path))
        for case let path as String in walk where path.hasSuffix(".swift") {
            let text = try String(contentsOf: tests.appendingPathComponent(path), encoding: .utf8)
            for name in text.matches(of: /(?:@Test\(\s*|title: )"((?:[^"\\]|\\.)*)"/) {
                for item in name.1.matches(of: /\b([TOMEX][0-9]\.[0-9]+|C[0-9]+)\b/) {
                    found[String(item.1), default: []].insert(path)
                }
            }
        }
        return found
    }

    @Test("Each item has a row, and each file in it a test with the item in its name")
    func isComplete() throws {
        let page = try String(
            contentsOf: Self.root.appendingPathComponent("docs/rotation-ids.md"), encoding: .utf8)
        let rows = page.matches(of: /(?m)^\| ([A-Z0-9.]+) \| ([^|]+) \| ([^|]+) \|$/)
        let waiting =
            page.firstMatch(of: /(?m)^Not there yet: (.*)\.$/)?.1.split(separator: ", ") ?? []
        let named = Set(rows.map { String($0.1) })
        #expect(named.count == rows.count && named.isDisjoint(with: waiting.map(String.init)))
        #expect(Self.items.filter { !named.contains($0) } == waiting.map(String.init))
        let found = try files()
        for row in rows {
            let item = String(row.1)
            for file in row.3.split(separator: ", ").map(String.init) {
                #expect(found[item]?.contains(file) == true, "\(item): no such test in \(file)")
            }
        }
    }
}
