import AnnalsTesting
import EventModel
import Foundation
import Testing

@testable import Annals

@Suite("Memory")
struct MemoryTests {
    /// `tools/memory` does it with a million in release.
    @Test("Importing and building many events takes little memory")
    func importAndBuild() throws {
        let stock = try StockStore()
        let count =
            ProcessInfo.processInfo.environment["ANNALS_MEMORY_EVENTS"].flatMap(Int.init) ?? 30_000
        let file = "\(stock.projections.path)/many.jsonl"
        try writeEvents(count, to: file)
        stock.temporary.close()
        let importer = try DriverProcess(stock.path, "import", [file])
        let imported = importer.finish()
        #expect(imported.isClean, "\(imported.lines)")
        let builder = try DriverProcess(stock.path, "rebuild", [Stock.name])
        let built = builder.finish()
        #expect(built.isClean, "\(built.lines)")
        let peaks = [imported, built].compactMap {
            $0.lines.last?.split(separator: " ").last.flatMap { Int($0) }
        }
        print("private memory for \(count) events: \(peaks) MiB")
        #expect(peaks.count == 2)
        for peak in peaks { #expect(peak > 0 && peak < 300) }
        try stock.temporary.reopen()
        #expect(try stock.rows("SELECT count(*) FROM items") == ["\((count + 9) / 10 + 1)"])
    }

    /// An item for each ten events, and counts of it.
    private func writeEvents(_ count: Int, to file: String) throws {
        #expect(FileManager.default.createFile(atPath: file, contents: nil))
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: file))
        var text = ""
        for index in 0..<count {
            let item = index - index % 10
            let (type, data) =
                index == item
                ? ("item.added", #"{"name":"an item with the number \#(item)"}"#)
                : ("item.counted", #"{"delta":\#(index % 7),"by":"somebody who counts"}"#)
            text += #"{"specversion":"1.0","id":"event-\#(index)","source":"memory","#
            text += #""type":"\#(type)","subject":"stock/\#(item)","data":\#(data)}"# + "\n"
            if text.utf8.count > 1 << 20 {
                try handle.write(contentsOf: Data(text.utf8))
                text = ""
            }
        }
        try handle.write(contentsOf: Data(text.utf8))
        try handle.close()
    }
}
