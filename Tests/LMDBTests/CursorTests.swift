import LMDB
import Testing

@Suite struct CursorTests {
    @Test("a cursor walks numbers in order, both ways, and stops at the ends")
    func walk() throws {
        let store = try TemporaryEnvironment()
        let table = store.table
        let numbers: [UInt64] = [1, 2, 3, 255, 256, 65_536, 1 << 40, .max]
        try store.environment.write { transaction in
            var appender = try transaction.appender(to: table)
            for number in numbers {
                let text = bytes("v\(number)")
                try appender.append(text.span, atKey: number)
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
        let table = store.table
        let value = bytes("v")
        for number in [UInt64(5), 4] {
            do {
                try store.environment.write { transaction in
                    var appender = try transaction.appender(to: table)
                    try appender.append(value.span, atKey: 5)
                    try appender.append(value.span, atKey: number)
                }
                Issue.record("appended \(number) behind 5")
            } catch let error as LMDBError { #expect(error.cause == .keyExists) }
        }
        #expect(try store.environment.read { try $0.entryCount(of: table) } == 0)
    }

    @Test("an appended entry can be changed where it lies")
    func completeInPlace() throws {
        let store = try TemporaryEnvironment()
        let table = store.table
        for length in [16, 100_000] {
            let value = [UInt8](repeating: 9, count: length)
            try store.environment.write { transaction in
                var appender = try transaction.appender(to: table)
                try appender.append(value.span, atKey: UInt64(length)) { entry in
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

    @Test("many entries of many sizes, appended in several transactions, are all there in order")
    func appendMany() throws {
        let store = try TemporaryEnvironment()
        let table = store.table
        func value(_ number: UInt64) -> [UInt8] {
            [UInt8](repeating: UInt8(number % 251), count: Int(number * 37 % 6_000))
        }
        for portion in 0..<5 as Range<UInt64> {
            try store.environment.write { transaction in
                var appender = try transaction.appender(to: table)
                for number in (portion * 700 + 1)...(portion * 700 + 700) {
                    try appender.append(value(number).span, atKey: number)
                }
            }
        }
        try store.environment.read { transaction in
            var cursor = try transaction.cursor(in: table)
            var number: UInt64 = 0
            while try cursor.next() {
                number += 1
                let value = value(number)
                var isSame = cursor.numericKey == number && cursor.value.count == value.count
                for index in value.indices where isSame {
                    isSame = cursor.value[index] == value[index]
                }
                #expect(isSame, "entry \(number) is another")
            }
            #expect(number == 3_500)
        }
    }
}
