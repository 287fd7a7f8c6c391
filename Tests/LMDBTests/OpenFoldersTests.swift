import Foundation
import LMDB
import Testing

@Suite struct OpenFoldersTests {
    /// A folder was removed while it was open; its inode went to the next folder made, which was then
    /// taken for the open one and refused.
    @Test("a new folder is never taken for an open one that was removed")
    func removedFolder() throws {
        let parent = NSTemporaryDirectory() + "annals-open-\(UUID().uuidString)"
        defer {
            do {
                try FileManager.default.removeItem(atPath: parent)
            } catch {
                Issue.record("\(parent) stays behind: \(error)")
            }
        }
        let first = "\(parent)/first"
        try FileManager.default.createDirectory(
            atPath: first, withIntermediateDirectories: true)
        let open = try Environment(path: first)
        try FileManager.default.removeItem(atPath: first)
        for number in 0..<50 {
            let next = "\(parent)/next\(number)"
            try FileManager.default.createDirectory(
                atPath: next, withIntermediateDirectories: true)
            _ = try Environment(path: next)
        }
        _ = open.lastTransaction
    }
}
