import Foundation
import Testing

/// Slips of the hand that once lost data without a word.
@Suite struct MishapTests {
    /// A pipe was checked, which emptied it, and then imported: nothing came in, and that was success.
    @Test("what can be read only once is copied before it is checked")
    func importFromPipe() throws {
        let store = try TestStore.people()
        let before = try store.head()
        let lines = try store.write(PeopleProjection.lines(1...500), to: "people.jsonl")
        let pipe = store.folder.appendingPathComponent("pipe").path
        let make = try Process.run(URL(fileURLWithPath: "/usr/bin/mkfifo"), arguments: [pipe])
        make.waitUntilExit()
        let feed = try Process.run(
            URL(fileURLWithPath: "/bin/sh"), arguments: ["-c", "cat '\(lines.path)' > '\(pipe)'"])
        try store.succeed("import", pipe)
        feed.waitUntilExit()
        #expect(try store.head() == before + 500)
    }

    /// The copy of a pipe once stayed for ever when its program was killed.
    @Test("what a killed import has copied of a pipe goes with the next import")
    func killedImport() throws {
        let store = try TestStore.people()
        let scratch = store.folder.appendingPathComponent("tmp")
        try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: false)
        let pipe = store.folder.appendingPathComponent("pipe")
        try Process.run(URL(fileURLWithPath: "/usr/bin/mkfifo"), arguments: [pipe.path])
            .waitUntilExit()
        // Opened for both, so that the reader neither waits for a writer nor sees an end.
        let feed = try FileHandle(forUpdating: pipe)
        try feed.write(contentsOf: Data(PeopleProjection.lines(1...50).utf8))
        func copies() throws -> [String] {
            try #require(FileManager.default.enumerator(atPath: scratch.path))
                .compactMap { $0 as? String }.filter { $0.contains("/") }
        }
        let environment = ["TMPDIR": scratch.path]
        let running = try store.start(["import", "-"], input: pipe, environment: environment)
        while try copies().isEmpty, running.process.isRunning { usleep(2_000) }
        kill(running.process.processIdentifier, SIGKILL)
        running.process.waitUntilExit()
        #expect(try copies().count == 1)
        let next = try store.run(
            ["import", "-"], input: PeopleProjection.lines(1...5), environment: environment)
        #expect(next.status == 0, "\(next.error)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path).isEmpty)
        try feed.close()
    }

    /// The log was overwritten with its own export.
    @Test("an export or replay into the store is refused")
    func exportIntoStore() throws {
        let store = try TestStore.people()
        let before = try store.files()
        try store.fail("FILE_INSIDE_STORE", ["export", "\(store.path)/log/data.mdb"])
        try store.fail(
            "FILE_INSIDE_STORE", ["replay", "people", "--into", "\(store.path)/copy.sqlite"])
        #expect(try store.files() == before)
    }

    /// After an older log was put back, an append brought the head to where the projection believed to
    /// be, and rows of a lost event were taken for true.
    @Test("a projection ahead of a log that was put back is missing until it is rebuilt")
    func olderLog() throws {
        let store = try TestStore.people()
        let log = URL(fileURLWithPath: "\(store.path)/log/data.mdb")
        let old = try Data(contentsOf: log)
        try store.succeed("append", "person.added", "person/1", #"{"name":"Lost","age":1}"#)
        try old.write(to: log)
        #expect(try store.projection("people")["state"] as? String == "missing")
        try store.succeed("append", "note.made", "note/1", "{}")
        #expect(try store.projection("people")["state"] as? String == "missing")
        try store.succeed("rebuild", "people")
        #expect(try store.projection("people")["state"] as? String == "current")
        try store.succeed("verify")
        try store.succeed("append", "person.added", "person/1", #"{"name":"Lost","age":1}"#)
    }
}
