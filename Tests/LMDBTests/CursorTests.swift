import LMDB
import Testing

@Suite struct CursorTests {
    @Test("a cursor walks numbers in order, both ways, and stops at the ends")
    func walk() throws {
        let store = try TemporaryEnvironment()
        let table = store.single
        let numbers: [UInt64] = [1, 2, 3, 255, 256, 65_536, 1 << 40, .max]
        try store.environment.write { transaction in
            for number in numbers {
                let text = bytes("v\(number)")
                try transaction.append(text.span, atKey: number, in: table)
            }
        }
        try store.environment.read { transaction in
            var cursor = try transaction.cursor(in: table)
            var found: [UInt64] = []
            while try cursor.next() { found.append(cursor.numericKey ?? 0) }
            #expect(found == numbers)
            let end = (cursor.numericKey, cursor.value.isEmpty)
            #expect(end == (nil, true), "nothing lies behind the end")
            var back = try transaction.cursor(in: table)
            found = []
            while try back.previous() { found.append(back.numericKey ?? 0) }
            #expect(found == numbers.reversed())
            let afterThree = try cursor.seek(atLeast: 4) ? cursor.numericKey : nil
            #expect(afterThree == 255)
            let last = try cursor.last() ? cursor.numericKey : nil
            #expect(last == .max)
        }
    }

    @Test("a number that is not behind the last is refused")
    func appendOutOfOrder() throws {
        let store = try TemporaryEnvironment()
        let table = store.single
        let value = bytes("v")
        for number in [UInt64(5), 4] {
            do {
                try store.environment.write { transaction in
                    try transaction.append(value.span, atKey: 5, in: table)
                    try transaction.append(value.span, atKey: number, in: table)
                }
                Issue.record("appended \(number) behind 5")
            } catch let error as LMDBError { #expect(error.cause == .keyExists) }
        }
        #expect(try store.environment.read { try $0.entryCount(of: table) } == 0)
    }

    @Test("an appended entry can be changed where it lies")
    func completeInPlace() throws {
        let store = try TemporaryEnvironment()
        let table = store.single
        for length in [16, 100_000] {
            let value = [UInt8](repeating: 9, count: length)
            try store.environment.write { transaction in
                try transaction.append(value.span, atKey: UInt64(length), in: table) { entry in
                    entry.put(UInt64(0x0102_0304_0506_0708), at: 8)
                }
            }
            try store.environment.read { transaction in
                guard let found = try transaction.value(forKey: UInt64(length), in: table) else {
                    Issue.record("nothing was appended")
                    return
                }
                let ends = (found.count, found[0], found[length - 1] == (length == 16 ? 8 : 9))
                #expect(ends == (length, 9, true))
                let numbers = (found.u64(8), found.u32(8), found.u16(14))
                #expect(numbers == (0x0102_0304_0506_0708, 0x0102_0304, 0x0708))
            }
        }
    }
}

/// The table of positions is written with MDB_MULTIPLE and MDB_APPENDDUP, whose ways through a single
/// value, a sub-page and a sub-tree differ; every number of values near their borders is tried.
@Suite struct PositionsTests {
    @Test(
        "a key holds any number of positions, added in portions of any size",
        arguments: [1, 2, 3, 100, 252, 253, 254, 255, 256, 500, 5_000, 100_000], [1, 7, 1_000])
    func counts(total: Int, portion: Int) throws {
        let store = try TemporaryEnvironment()
        let table = store.positions
        let names = ["a", "b", String(repeating: "n", count: 255)].map { bytes($0) }
        let positions = (0..<UInt64(total)).map { $0 * 3 + 1 }
        let isSlow = portion == 1 && total > 5_000
        let step = isSlow ? 50 : portion
        try store.environment.write { transaction in
            for start in stride(from: 0, to: total, by: step) {
                let part = Array(positions[start..<min(start + step, total)])
                for name in names {
                    try transaction.add(positions: part.span, toKey: name.span, in: table)
                }
            }
        }
        try store.environment.read { transaction in
            for name in names {
                var cursor = try transaction.cursor(in: table)
                let count = try cursor.seek(exactly: name.span) ? cursor.valueCount() : 0
                #expect(count == UInt64(total))
                var found: [UInt64] = []
                repeat { found.append(cursor.numericValue ?? 0) } while try cursor.nextValue()
                #expect(found == positions)
                let middle = positions[total / 2]
                var value =
                    try cursor.seekValue(ofKey: name.span, atLeast: middle - 1)
                    ? cursor.numericValue : nil
                #expect(value == middle)
                let isLast = try cursor.seek(exactly: name.span) && cursor.lastValue()
                value = cursor.numericValue
                #expect(isLast && value == positions.last)
                let isBehind = try cursor.seekValue(
                    ofKey: name.span, atLeast: UInt64(total) * 3 + 1)
                #expect(!isBehind)
            }
        }
    }

    @Test("many keys get random portions over many transactions, and keep all of them")
    func randomPortions() throws {
        let store = try TemporaryEnvironment()
        let table = store.positions
        let seed = UInt64.random(in: .min ... .max)
        var random = SeededRandom(seed: seed)
        var expected: [String: [UInt64]] = [:]
        var position: UInt64 = 0
        for _ in 0..<60 {
            try store.environment.write { transaction in
                for _ in 0..<40 {
                    let name = "name/\(Int.random(in: 0..<150, using: &random))"
                    let key = bytes(name)
                    let count = Int.random(in: 1...(Bool.random() ? 3 : 400), using: &random)
                    let part = (0..<count).map { _ in
                        position += UInt64.random(in: 1...9, using: &random)
                        return position
                    }
                    try transaction.add(positions: part.span, toKey: key.span, in: table)
                    expected[name, default: []] += part
                }
            }
        }
        var found: [String: [UInt64]] = [:]
        try store.environment.read { transaction in
            var cursor = try transaction.cursor(in: table)
            while try cursor.next() {
                let key = cursor.key
                let name = String(decoding: key.indices.map { key[$0] }, as: UTF8.self)
                found[name, default: []].append(cursor.numericValue ?? 0)
            }
            #expect(
                try transaction.entryCount(of: table)
                    == expected.values.reduce(0) { $0 + $1.count })
        }
        #expect(found == expected, "seed \(seed)")
    }

    @Test("positions that are not behind the last are refused, and nothing of them stays")
    func outOfOrder() throws {
        let store = try TemporaryEnvironment()
        let table = store.positions
        let key = bytes("k")
        try store.environment.write { transaction in
            let first: [UInt64] = [10, 20, 30]
            try transaction.add(positions: first.span, toKey: key.span, in: table)
        }
        for wrong in [[30], [5], [40, 35], [20, 50]] as [[UInt64]] {
            do {
                try store.environment.write { transaction in
                    try transaction.add(positions: wrong.span, toKey: key.span, in: table)
                }
                Issue.record("added \(wrong)")
            } catch let error as LMDBError { #expect(error.cause == .keyExists) }
        }
        #expect(try store.environment.read { try $0.entryCount(of: table) } == 3)
    }
}

/// SplitMix64: the same numbers for the same seed.
private struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
