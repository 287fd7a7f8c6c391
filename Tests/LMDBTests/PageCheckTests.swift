import Foundation
import LMDB
import Testing

/// Each test damages one page of a sound environment in one way; LMDB itself would end the process on
/// most of them.
@Suite struct PageCheckTests {
    private static let pageBytes = 4_096

    /// An environment on disk with all kinds of pages: a tree of three levels, values on pages of their
    /// own, free pages, an empty table.
    private final class Sample {
        let path = NSTemporaryDirectory() + "annals-lmdb-\(UUID().uuidString)"
        var file: URL { URL(fileURLWithPath: path + "/data.mdb") }
        private(set) var image = Data()

        init() throws {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true)
            try fill()
            image = try Data(contentsOf: file)
        }

        deinit { try? FileManager.default.removeItem(atPath: path) }

        private func fill() throws {
            let environment = try Environment(path: path)
            let tables = try environment.createTables(["small", "large", "empty"])
            let (small, large) = (
                [UInt8](repeating: 1, count: 900), [UInt8](repeating: 2, count: 9_000)
            )
            for round in 0..<4 {
                try environment.write { transaction in
                    for number in 0..<250 {
                        let key = bytes("k\(round)-\(number * 7 % 250)-".padded)
                        try transaction.put(small.span, forKey: key.span, in: tables[0])
                    }
                    for number in 0..<10 {
                        let key = bytes("l\(round)-\(number)")
                        try transaction.put(large.span, forKey: key.span, in: tables[1])
                    }
                }
            }
            try environment.write { transaction in
                for number in 0..<80 {
                    let key = bytes("k1-\(number * 3)-".padded)
                    _ = try transaction.remove(key: key.span, in: tables[0])
                }
                _ = try transaction.remove(key: bytes("l2-3").span, in: tables[1])
            }
        }

        /// What the check finds in a changed copy; `nil` when it is sound.
        func finding(in changed: Data) throws -> DamagedPage? {
            try changed.write(to: file)
            let environment = try Environment(path: path)
            do {
                try environment.checkPages()
                return nil
            } catch let damage as DamagedPage {
                return damage
            }
        }

        func number(_ offset: Int, _ count: Int) -> Int { image.number(offset, count) }

        // MARK: Pages in use

        /// The meta page of the last commit.
        var meta: Int { number(144, 8) > number(4_096 + 144, 8) ? 0 : 1 }

        /// A tree's pages and entries, found without the checker.
        struct Tree {
            var branches: [Int] = []
            var leaves: [Int] = []
            /// The first pages of large values.
            var large: [Int] = []
            /// Where records of other trees lie in the file.
            var records: [Int] = []
        }

        func tree(recordAt record: Int) -> Tree {
            var tree = Tree()
            let root = number(record + 40, 8)
            var open = root == -1 ? [] : [root]
            while let page = open.popLast() {
                let start = page * PageCheckTests.pageBytes
                let isBranch = number(start + 10, 2) == 1
                if isBranch { tree.branches.append(page) } else { tree.leaves.append(page) }
                for slot in stride(from: start + 16, to: start + number(start + 12, 2), by: 2) {
                    let node = start + number(slot, 2)
                    if isBranch {
                        open.append(number(node, 6))
                        continue
                    }
                    let value = node + 8 + number(node + 6, 2)
                    if number(node + 4, 2) == 1 { tree.large.append(number(value, 8)) }
                    if number(node + 4, 2) == 2 { tree.records.append(value) }
                }
            }
            return tree
        }

        var free: Tree { tree(recordAt: meta * PageCheckTests.pageBytes + 40) }
        var main: Tree { tree(recordAt: meta * PageCheckTests.pageBytes + 88) }
        /// By name: empty, large, small.
        var tables: [Tree] { main.records.map { tree(recordAt: $0) } }
    }

    private func expect(
        _ sample: Sample, _ page: Int, _ what: String,
        _ location: SourceLocation = #_sourceLocation, _ change: (inout Data) -> Void
    ) throws {
        var changed = sample.image
        change(&changed)
        let found = try sample.finding(in: changed)
        #expect(found?.page == UInt64(page), "\(found as Any)", sourceLocation: location)
        #expect(found?.what.contains(what) == true, "\(found as Any)", sourceLocation: location)
    }

    @Test("what LMDB wrote is sound: empty, small, large, after removals, compacted")
    func sound() throws {
        let sample = try Sample()
        #expect(sample.tables.map(\.branches.count) != [0, 0, 0])
        #expect(sample.tables[2].branches.count > 1, "three levels")
        #expect(sample.tables[1].large.count == 39)
        #expect(sample.tables[0].leaves.isEmpty)
        #expect(!sample.free.leaves.isEmpty)
        #expect(try sample.finding(in: sample.image) == nil)
        let copy = sample.path + "-copy"
        try FileManager.default.createDirectory(
            atPath: copy, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: copy) }
        do {
            let environment = try Environment(path: sample.path)
            try environment.copy(toFolder: copy)
        }
        try Environment(path: copy).checkPages()
        let store = try TemporaryEnvironment()
        try store.environment.checkPages()
        let table = store.table
        var numbers = SystemRandomNumberGenerator()
        for round in 0..<100 {
            try store.environment.write { transaction in
                for _ in 0..<20 {
                    let key = bytes("\(Int.random(in: 0..<400, using: &numbers))")
                    let count = [0, 3, 100, 1_999, 4_080, 20_000].randomElement(using: &numbers)
                    let value = [UInt8](repeating: 7, count: count ?? 0)
                    if Bool.random(using: &numbers) || round > 80 {
                        _ = try transaction.remove(key: key.span, in: table)
                    } else {
                        try transaction.put(value.span, forKey: key.span, in: table)
                    }
                }
            }
            try store.environment.checkPages()
        }
    }

    @Test("a page that is zeroed, or has another's number, or other flags, is named")
    func headers() throws {
        let sample = try Sample()
        let all = [sample.free, sample.main] + sample.tables
        let kinds = all.flatMap { [$0.branches, $0.leaves, $0.large] }
        for page in kinds.flatMap({ Set($0.prefix(2) + $0.suffix(2)) }) {
            let start = page * Self.pageBytes
            try expect(sample, page, "number") {
                $0.resetBytes(in: start..<start + Self.pageBytes)
            }
            try expect(sample, page, "number") { $0[start] ^= 4 }
            for bit in [0, 1, 2, 3, 4, 5, 6, 15] {
                try expect(sample, page, "flags") { $0[start + 10 + bit / 8] ^= 1 << (bit % 8) }
            }
        }
    }

    @Test("one flipped bit in the bounds, the pointers or the nodes' headers never passes")
    func structure() throws {
        let sample = try Sample()
        for tree in [sample.free, sample.main] + sample.tables {
            for page in tree.branches.prefix(1) + tree.leaves.prefix(1) {
                let start = page * Self.pageBytes
                let isLeaf = tree.leaves.contains(page)
                let pointers = sample.number(start + 12, 2)
                var places = Array(12..<18)
                let node = sample.number(start + 16, 2)
                // Sizes, or the child's number, and the key's length; the flags are another test's.
                // A large value may be shorter than its pages.
                let isLarge = isLeaf && sample.number(start + node + 4, 2) == 1
                places += [0, 1].filter { _ in !isLarge }.map { node + $0 }
                places += (isLeaf ? [2, 3, 6, 7] : [2, 3, 4, 5, 6, 7]).map { node + $0 }
                #expect(pointers >= 18)
                for place in places {
                    for bit in 0..<8 {
                        var changed = sample.image
                        changed[start + place] ^= 1 << UInt8(bit)
                        let found = try sample.finding(in: changed)
                        #expect(found != nil, "page \(page), byte \(place), bit \(bit)")
                    }
                }
            }
        }
    }

    @Test("a node's flags, a table's record and a large value's pages are checked")
    func values() throws {
        let sample = try Sample()
        let leaf = try #require(sample.tables[2].leaves.first)
        let node = leaf * Self.pageBytes + sample.number(leaf * Self.pageBytes + 16, 2)
        for bit in 0..<16 {
            var changed = sample.image
            changed[node + 4 + bit / 8] ^= 1 << (bit % 8)
            #expect(try sample.finding(in: changed)?.page == UInt64(leaf))
        }
        let main = try #require(sample.main.leaves.first)
        let record = sample.main.records[2]
        try expect(sample, main, "flags") { $0[record + 4] = 4 }
        try expect(sample, main, "depth") { $0[record + 6] = 99 }
        try expect(sample, main, "depth") { $0[record + 6] = 0 }
        try expect(sample, main, "entries") { $0[record + 32] ^= 1 }
        try expect(sample, main, "which is not there") { $0[record + 45] = 1 }
        for depth in [-1, 1] {
            var changed = sample.image
            changed[record + 6] = UInt8(Int(changed[record + 6]) + depth)
            #expect(try sample.finding(in: changed)?.what.contains("flags") == true)
        }
        // A whole table that is forgotten.
        try expect(sample, main, "entries") { data in
            for byte in 40..<48 { data[record + byte] = 0xFF }
        }
        let large = try #require(sample.tables[1].large.first)
        let count = large * Self.pageBytes + 12
        try expect(sample, large, "do not hold") { $0[count] = 2 }
        try expect(sample, large, "do not hold") { $0[count] = 0 }
        for byte in 0..<4 {
            var longer = sample.image
            longer[count + byte] |= 0x40
            #expect(try sample.finding(in: longer) != nil)
        }
    }

    @Test("a page that is reached twice, or free and in use, is told")
    func twice() throws {
        let sample = try Sample()
        let branch = try #require(sample.tables[2].branches.last)
        let start = branch * Self.pageBytes
        let (first, second) = (
            start + sample.number(start + 16, 2), start + sample.number(start + 18, 2)
        )
        try expect(sample, sample.number(first, 4), "used twice") { data in
            for byte in 0..<4 { data[second + byte] = data[first + byte] }
        }
        let list = try #require(sample.free.leaves.first)
        let node = list * Self.pageBytes + sample.number(list * Self.pageBytes + 16, 2)
        // Behind the key: how many, then the first free page.
        let free = node + 24
        try #require(sample.number(node + 4, 2) == 0 && sample.number(free - 8, 8) > 0)
        try expect(sample, branch, "used twice") { data in
            for byte in 0..<8 {
                data[free + byte] = UInt8(truncatingIfNeeded: branch >> (8 * byte))
            }
        }
        try expect(sample, list, "which is not there") { $0[free + 5] = 1 }
        try expect(sample, list, "which is not there") { data in
            for byte in 0..<8 { data[free + byte] = byte == 0 ? 1 : 0 }
        }
        try expect(sample, list, "no list") { $0[free - 1] = 1 }
    }
}

extension Data {
    /// Least significant byte first.
    fileprivate func number(_ offset: Int, _ count: Int) -> Int {
        (0..<count).reduce(0) { $0 | Int(self[offset + $1]) << (8 * $1) }
    }
}

extension String {
    /// Long enough for a tree of three levels.
    fileprivate var padded: String { self + String(repeating: "x", count: 300) }
}
