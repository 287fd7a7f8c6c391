import Foundation
import SQLite
import Testing

/// One call of the program on a store in a certain state, and everything that it must give.
struct LifecycleCase: Sendable, CustomTestStringConvertible {
    /// What is done to the store and its projection beforehand.
    enum Step: Sendable {
        /// The program is called and must succeed.
        case run(String)
        /// The program is called with arguments that hold spaces, and must succeed.
        case call([String])
        /// A migration is written.
        case file(String, String)
        /// A text in a migration is replaced.
        case edit(String, String, String)
        /// A file of the projection is removed.
        case gone(String)
        /// A file of the projection is renamed.
        case moved(String, String)
        /// The manifest of the projection is another.
        case manifest(String, String)
        /// SQL runs on the live file behind the store's back.
        case sql(String)
        /// Somebody holds the builders' lock.
        case locked
        /// A text in a file of the test's folder is replaced.
        case patch(String, String, String)
        /// A bit in the middle of a file of the test's folder is flipped.
        case flip(String)
        /// A file of the test's folder is removed.
        case removed(String)
    }

    /// What a member must be.
    enum Want: Sendable, ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
        ExpressibleByBooleanLiteral, ExpressibleByNilLiteral
    {
        case text(String)
        case number(Int)
        case flag(Bool)
        case null
        /// A text with this in it.
        case has(String)

        init(stringLiteral value: String) { self = .text(value) }
        init(integerLiteral value: Int) { self = .number(value) }
        init(booleanLiteral value: Bool) { self = .flag(value) }
        init(nilLiteral: ()) { self = .null }
    }

    let title: String
    /// How the store is made; `init` alone applies everything, before there is an event.
    var made = "init"
    var given: [Step] = []
    /// The arguments, with spaces between; `arguments` where that does not do.
    var call = ""
    var arguments: [String] = []
    var status: Int32 = 0
    /// Members by their path: `projections.0.state`; `#` counts, `-1` is the last.
    var want: [String: Want] = [:]
    /// Whether the store may change; otherwise every byte of it must stay.
    var changes = false
    /// Whether the projections folder may change; otherwise every byte of that must stay, too.
    var writes = false
    /// What must hold afterwards: members of `status`.
    var after: [String: Want] = [:]

    var testDescription: String { title }

    /// Makes the store, calls, and looks.
    func check() throws {
        let store = try TestStore()
        try ShopProjection.write(to: store.projections)
        var words = made.split(separator: " ").map(String.init)
        words.insert(contentsOf: ["--projections", store.projections.path], at: 1)
        try store.succeed(words)
        try store.succeed(["import", "-"], input: ShopProjection.events)
        var locks: [FileHandle] = []
        for step in given { try take(step, store, &locks) }
        let before = try store.files()
        let written = try TestStore.files(below: store.projections.path)
        let arguments =
            self.arguments.isEmpty ? call.split(separator: " ").map(String.init) : self.arguments
        let run = try store.run(arguments + ["--json"])
        #expect(run.status == status, "\(run.output)\(run.error)")
        let document = try run.json
        for (path, wanted) in want.sorted(by: { $0.key < $1.key }) {
            try Self.expect(path, wanted, in: document)
        }
        if !changes {
            let now = try store.files()
            let differing = Set(before.keys).union(now.keys).filter { before[$0] != now[$0] }
            #expect(differing.isEmpty, "changed: \(differing.sorted())")
        }
        if !writes {
            #expect(try TestStore.files(below: store.projections.path) == written)
        }
        for lock in locks { try lock.close() }
        guard !after.isEmpty else { return }
        let status = try store.status()
        for (path, wanted) in after.sorted(by: { $0.key < $1.key }) {
            try Self.expect(path, wanted, in: status)
        }
    }

    private func take(_ step: Step, _ store: TestStore, _ locks: inout [FileHandle]) throws {
        let shop = store.projections.appendingPathComponent("shop")
        func migration(_ name: String) -> URL {
            shop.appendingPathComponent("Migrations/\(name).sql")
        }
        func replace(_ file: URL, _ old: String, _ new: String) throws {
            let text = try String(contentsOf: file, encoding: .utf8)
            #expect(text.contains(old), "\(file.lastPathComponent) has no '\(old)'")
            try Data(text.replacingOccurrences(of: old, with: new).utf8).write(to: file)
        }
        let files = FileManager.default
        switch step {
        case .run(let line): try store.succeed(line.split(separator: " ").map(String.init))
        case .call(let words): try store.succeed(words)
        case .file(let name, let text): try Data(text.utf8).write(to: migration(name))
        case .edit(let name, let old, let new): try replace(migration(name), old, new)
        case .gone(let name): try files.removeItem(at: migration(name))
        case .moved(let name, let other):
            try files.moveItem(at: migration(name), to: migration(other))
        case .manifest(let old, let new):
            try replace(shop.appendingPathComponent("projection.yaml"), old, new)
        case .sql(let sql):
            let link = URL(fileURLWithPath: "\(store.path)/shop.sqlite").resolvingSymlinksInPath()
            try Connection(path: link.path, mode: .readWrite).execute(sql)
        case .locked:
            let file = "\(store.path)/store.lock"
            let handle = try #require(FileHandle(forUpdatingAtPath: file))
            #expect(flock(handle.fileDescriptor, LOCK_EX | LOCK_NB) == 0)
            try handle.write(
                contentsOf: Data(#"{"pid":4711,"since":"2026-01-01T00:00:00Z"}"#.utf8))
            locks.append(handle)
        case .patch(let name, let old, let new):
            try replace(store.folder.appendingPathComponent(name), old, new)
        case .flip(let name):
            let file = store.folder.appendingPathComponent(name)
            var bytes = try Data(contentsOf: file)
            bytes[bytes.count / 2] ^= 4
            try bytes.write(to: file)
        case .removed(let name):
            try files.removeItem(at: store.folder.appendingPathComponent(name))
        }
    }

    private static func expect(_ path: String, _ wanted: Want, in document: [String: Any]) throws {
        let found = value(at: path, in: document)
        switch wanted {
        case .text(let text): #expect(found as? String == text, "\(path) in \(document)")
        case .number(let number): #expect(found as? Int == number, "\(path) in \(document)")
        case .flag(let flag): #expect(found as? Bool == flag, "\(path) in \(document)")
        case .null: #expect(found == nil || found is NSNull, "\(path) in \(document)")
        case .has(let part):
            #expect((found as? String)?.contains(part) == true, "\(path) in \(document)")
        }
    }

    private static func value(at path: String, in document: Any) -> Any? {
        var value: Any? = document
        for part in path.split(separator: ".") {
            if let object = value as? [String: Any] {
                value = object[String(part)]
            } else if let array = value as? [Any] {
                if part == "#" {
                    value = array.count
                } else {
                    let index = Int(part).map { $0 < 0 ? array.count + $0 : $0 } ?? -1
                    value = array.indices.contains(index) ? array[index] : nil
                }
            } else {
                return nil
            }
        }
        return value
    }
}
