import EventModel
import Foundation
import LogStorage
import Testing

/// tools/read-log was written from docs/format.md alone: where it agrees, the page is complete.
@Suite struct PythonReaderTests {
    @Test(
        "a reader in another language finds the same events",
        .enabled(if: programExists("mdb_dump"), "mdb_dump (lmdb-utils) is not installed"),
        .enabled(if: programExists("python3"), "python3 is not installed"))
    func sameEvents() throws {
        let store = try TestLog()
        let log = try store.open(flushEvents: 100)
        try log.add([
            Event(
                type: "proxy.added", stream: "proxy/ä\"1", data: "{\n \"port\":8080, \"x\":1e400}",
                metadata: #"{"actor":"me"}"#, tags: ["pool:a", "é"], id: "id-1",
                occurred: Timestamp(milliseconds: -1), schemaVersion: 2)
        ])
        for length in 0..<200 {
            let name = String(repeating: "n", count: 1 + length)
            try log.add([event(name, "s/\(length % 9)"), event("t", name)])
        }
        let lines = try read(store.folder).split(separator: "\n")
        let events = try log.events()
        #expect(lines.count == events.count)
        for (line, event) in zip(lines, events) {
            let data = String(decoding: event.data, as: UTF8.self)
                .replacingOccurrences(of: "\n", with: " ")
            #expect(line.contains(#""data":\#(data),"#))
            // JSONSerialization does not take 1e400.
            let plain = line.replacingOccurrences(of: "1e400", with: "1")
            let found = try #require(
                try JSONSerialization.jsonObject(with: Data(plain.utf8)) as? [String: Any])
            #expect(found["position"] as? UInt64 == event.position.value)
            #expect(found["type"] as? String == event.type)
            #expect(found["stream"] as? String == event.stream)
            #expect(found["revision"] as? UInt64 == event.revision.value)
            #expect(found["id"] as? String == event.id)
            #expect(found["occurred"] as? Int64 == event.occurred.milliseconds)
            #expect(found["recorded"] as? Int64 == event.recorded.milliseconds)
            #expect(found["tags"] as? [String] == event.tags)
            #expect(found["schemaVersion"] as? Int == event.schemaVersion)
            #expect(
                (found["metadata"] as? [String: Any])?.count == (event.metadata.isEmpty ? nil : 1))
        }
    }

    private func read(_ folder: String) throws -> String {
        let process = Process()
        let output = Pipe()
        let root = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [
            "python3", root.appending(path: "tools/read-log/read_log.py").path, folder,
        ]
        process.standardOutput = output
        try process.run()
        let text = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        return String(decoding: text, as: UTF8.self)
    }
}

private func programExists(_ name: String) -> Bool {
    (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").contains {
        FileManager.default.isExecutableFile(atPath: "\($0)/\(name)")
    }
}
