import Foundation
import LMDB
import Testing

/// Whoever maps a file that lost pages dies on reading one of them: a crash here is a failed test.
@Suite struct DataFileTests {
    /// An environment's folder that outlives the environment.
    private final class Folder {
        let path = NSTemporaryDirectory() + "annals-lmdb-\(UUID().uuidString)"
        var file: URL { URL(fileURLWithPath: path + "/data.mdb") }

        init() throws {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true)
        }

        deinit { try? FileManager.default.removeItem(atPath: path) }
    }

    private static let pageBytes = 4_096

    /// Writes in the way of a log: more and more, and something taken back in each transaction.
    ///
    /// - Returns: the bytes that LMDB counts as used.
    private func fill(_ folder: Folder, rounds: Int, takesBack: Int) throws -> Int {
        let environment = try Environment(path: folder.path)
        let table = try environment.createTables(["table"])[0]
        let (small, large) = (
            [UInt8](repeating: 1, count: 1_500), [UInt8](repeating: 2, count: takesBack)
        )
        for round in 0..<rounds {
            try environment.write { transaction in
                for number in 0..<20 {
                    let key = bytes("k\(round * 15 + number)")
                    try transaction.put(small.span, forKey: key.span, in: table)
                }
                for number in 0..<3 {
                    let key = bytes("k\(round * 10 + number)")
                    _ = try transaction.remove(key: key.span, in: table)
                }
                let key = bytes("large")
                try transaction.put(large.span, forKey: key.span, in: table)
                _ = try transaction.remove(key: key.span, in: table)
            }
        }
        return Int(environment.fileBytes)
    }

    /// Opens it and reads all of it.
    private func readAll(_ folder: Folder) throws -> Int {
        let environment = try Environment(path: folder.path)
        let table = try environment.openTables(["table"])[0]
        return try environment.read { transaction in
            var cursor = try transaction.cursor(in: table)
            var sum = 0
            while try cursor.next() { sum += Int(cursor.value[0]) * cursor.value.count }
            return sum
        }
    }

    private func length(_ folder: Folder) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: folder.file.path)
        return (attributes[.size] as? NSNumber)?.intValue ?? 0
    }

    /// Up to 16 pages were let pass for the sake of those that are never written.
    @Test("a file that lost any page in use is refused, be it the last one alone or a part of it")
    func lastPages() throws {
        let source = try Folder()
        _ = try fill(source, rounds: 40, takesBack: 100)
        let sum = try readAll(source)
        let whole = try Data(contentsOf: source.file)
        let pages = whole.count / Self.pageBytes
        let cuts = (1...40).map { $0 * Self.pageBytes } + [1, 100, 4_095, 5_000]
        for cut in cuts {
            try whole.prefix(whole.count - cut).write(to: source.file)
            let error = #expect(throws: LMDBError.self) { _ = try readAll(source) }
            #expect(error?.cause == .cutShort, "\(cut) of \(pages) pages")
        }
        try whole.write(to: source.file)
        #expect(try readAll(source) == sum)
    }

    @Test("a file that never got pages which a transaction took and gave back is whole")
    func unwrittenPages() throws {
        let folder = try Folder()
        var used = 0
        var present = 0
        for rounds in 4..<40 {
            used = try fill(folder, rounds: rounds, takesBack: 200_000)
            present = try length(folder)
            if present < used - 17 * Self.pageBytes { break }
        }
        try #require(present < used - 17 * Self.pageBytes, "\(present) of \(used) bytes are there")
        let sum = try readAll(folder)
        let whole = try Data(contentsOf: folder.file)
        // More may be missing than was: as long as it is free, all is there.
        var refused = 0
        for cut in 1...60 {
            try whole.prefix(whole.count - cut * Self.pageBytes).write(to: folder.file)
            do {
                #expect(try readAll(folder) == sum)
                #expect(refused == 0, "what is cut shorter is not whole again")
            } catch let error as LMDBError {
                #expect(error.cause == .cutShort)
                refused += 1
            }
        }
        #expect(refused > 0)
        try whole.write(to: folder.file)
        #expect(try readAll(folder) == sum)
        // What is written next makes use of them.
        _ = try fill(folder, rounds: 3, takesBack: 200_000)
        #expect(try readAll(folder) > 0)
    }
}
