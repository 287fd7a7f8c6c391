import Annals
import EventModel
import Foundation
import GRDB
import LogStorage
import ProjectionEngine

/// The verbs.
struct Driver {
    let store: EventStore

    func run(_ verb: String, _ arguments: [String]) async throws {
        switch verb {
        case "open", "create": say("done \(try store.log.head())")
        case "opened": say("done \(store.migratedOnOpen.flatMap(\.applied).count)")
        case "checked": try await checked(arguments[0], Int(arguments[1]) ?? 1)
        case "unchecked":
            try await unchecked(arguments[0], Int(arguments[1]) ?? 1, Int(arguments[2]) ?? 1)
        case "append":
            _ = try await store.append([
                Event(
                    type: arguments[0], stream: arguments[1], data: arguments[2],
                    schemaVersion: Int(arguments[3]) ?? 1)
            ])
            say("done")
        case "add": try await add(id: arguments[0], name: arguments[1])
        case "contend": try await contend(arguments[0], Int(arguments[1]) ?? 1, arguments[2])
        case "claim": try await claim(tag: arguments[0], id: arguments[1])
        case "import": try await importFile(arguments[0])
        case "migrate":
            let target = arguments.count > 1 ? Int(arguments[1]) : nil
            let result = try store.migrate(
                arguments[0], to: target.map(MigrationTarget.version) ?? .next)
            say("done \(result.applied.count) \(result.switchMs)")
        case "rollback":
            let result = try store.rollback(
                arguments[0], to: .version(Int(arguments[1]) ?? 0))
            say("done \(result.rolledBack.count) \(result.switchMs)")
        case "adopt":
            let memory = MemoryPeak()
            let result = try store.adopt(arguments[0], as: arguments[1]) { _ in memory.look() }
            say("done \(result.rows) \(result.isNew) \(memory.peakKiB / 1024)")
        case "rebuild":
            let memory = MemoryPeak()
            let result = try store.rebuild(arguments[0]) { _, _ in memory.look() }
            say("done \(result.events) \(result.switchMs) \(memory.peakKiB / 1024)")
        case "rebuilds":
            for _ in 0..<(Int(arguments[1]) ?? 1) {
                say("switch \(try store.rebuild(arguments[0]).switchMs)")
            }
            say("done")
        case "steps":
            for _ in 0..<(Int(arguments[1]) ?? 1) {
                say("switch \(try store.rollback(arguments[0], to: .version(1)).switchMs)")
                say("switch \(try store.migrate(arguments[0]).switchMs)")
            }
            say("done")
        case "backup":
            say("done \(try store.backup(to: arguments[0]).manifest.head)")
        case "restore":
            let result = try EventStore.restore(
                from: arguments[0], to: arguments[1], replaces: arguments.count > 2)
            say("done \(result.epoch)")
        case "watch": try watch(arguments[0], arguments[1], until: arguments[2])
        default: say("error UNKNOWN \(verb)")
        }
    }

    /// One checked append after the other: an item, or a count of it.
    private func checked(_ prefix: String, _ count: Int) async throws {
        for index in 0..<count {
            let id = "\(prefix)-\(index)"
            let event =
                index.isMultiple(of: 3)
                ? Event(
                    type: "item.added", stream: "stock/\(id)", data: #"{"name":"\#(id)"}"#, id: id)
                : Event(
                    type: "item.counted", stream: "stock/\(prefix)-\(index - index % 3)",
                    data: #"{"delta":\#(index)}"#, id: id)
            _ = try await store.append([event])
            say("ack \(id)")
        }
        say("done \(count)")
    }

    /// Unchecked appends of several items each.
    private func unchecked(_ prefix: String, _ count: Int, _ batch: Int) async throws {
        for start in stride(from: 0, to: count, by: batch) {
            let ids = (start..<min(start + batch, count)).map { "\(prefix)-\($0)" }
            _ = try await store.appendUnchecked(
                ids.map {
                    Event(
                        type: "item.added", stream: "stock/\($0)", data: #"{"name":"\#($0)"}"#,
                        id: $0)
                })
            for id in ids { say("ack \(id)") }
        }
        say("done \(count)")
    }

    private func add(id: String, name: String) async throws {
        _ = try await store.append([
            Event(type: "item.added", stream: "stock/\(id)", data: #"{"name":"\#(name)"}"#)
        ])
        say("done won")
    }

    /// Appends to one stream, each time expecting exactly the revision that was read before.
    private func contend(_ stream: String, _ count: Int, _ who: String) async throws {
        var attempts = 0
        for index in 0..<count {
            var isTaken = false
            while !isTaken {
                attempts += 1
                let revision = try store.log.lastRevision(of: stream)
                let event = Event(
                    type: "turn.taken", stream: stream, data: #"{"who":"\#(who)","n":\#(index)}"#)
                isTaken = try await holds(event, .stream(stream, .exactly(revision)))
            }
        }
        say("done \(attempts - count)")
    }

    /// One append that holds only while nothing bears the tag.
    private func claim(tag: String, id: String) async throws {
        let event = Event(type: "seat.claimed", stream: "seat/\(id)", data: "{}", tags: [tag])
        let condition = AppendCondition(failIfEventsMatch: EventQuery(tags: [tag]))
        say(try await holds(event, condition) ? "done won" : "done lost")
    }

    /// Appends; `false` when the condition does not hold.
    private func holds(_ event: Event, _ condition: AppendCondition) async throws -> Bool {
        do {
            _ = try await store.append([event], condition: condition)
            return true
        } catch {
            guard error.kind == .conflict else { throw error }
            return false
        }
    }

    /// Imports, then builds what the import left behind; says the peak of private memory in MiB.
    private func importFile(_ file: String) async throws {
        let memory = MemoryPeak()
        let result = try await store.importEvents(from: file) { _ in memory.look() }
        try store.catchUpAll { _, _, _ in memory.look() }
        say("done \(result.appended) \(result.skipped) \(memory.peakKiB / 1024)")
    }

    /// Reads a number over and over until a file exists; it may never fall.
    private func watch(_ projection: String, _ sql: String, until file: String) throws {
        let reader = try store.reader(of: projection)
        var reads = 0
        var last = 0
        say("watching")
        while !FileManager.default.fileExists(atPath: file) {
            let value = try reader.read { try Int.fetchOne($0, sql: sql) ?? -1 }
            if value < last { say("error FELL from \(last) to \(value) in read \(reads)") }
            last = value
            reads += 1
        }
        say("done \(reads)")
    }
}

/// The peak of the process's private memory, without files that are mapped.
final class MemoryPeak {
    private(set) var peakKiB = 0

    func look() {
        guard let status = FileManager.default.contents(atPath: "/proc/self/status") else { return }
        let line = String(decoding: status, as: UTF8.self).split(separator: "\n")
            .first { $0.hasPrefix("RssAnon:") }
        peakKiB = max(peakKiB, line.flatMap { Int($0.filter(\.isNumber)) } ?? 0)
    }
}
