internal import AllProjections
internal import Annals
internal import EventModel
internal import Foundation
internal import LogStorage
internal import Logging

/// What a command works with: the console, the store it was called for, and the interrupts.
struct Session {
    /// Where it speaks.
    let console: Console
    /// The store's folder.
    let storePath: String
    /// Whether the folder was given as an option, and so belongs into a command to run next.
    private let isStoreGiven: Bool
    private let interrupts: Interrupts

    init(_ options: CommonOptions, isJSON: Bool, interrupts: Interrupts) throws(CommandError) {
        console = Console(isJSON: isJSON, colour: options.color)
        self.interrupts = interrupts
        isStoreGiven = options.store != nil
        let found = options.store ?? ProcessInfo.processInfo.environment["ANNALS_STORE"]
        guard found != "" || options.store == nil else {
            throw .usage("USAGE", "The store's name is empty.", hint: "Give --store FOLDER.")
        }
        storePath = found.flatMap { $0.isEmpty ? nil : $0 } ?? ".annals"
    }

    // MARK: The store

    /// How the program opens stores.
    func options() throws(AnnalsError) -> EventStore.Options {
        var options = EventStore.Options()
        options.builtIn = try BuiltInProjections.definitions()
        options.logger = Logger(label: "annals") { _ in ConsoleLogHandler() }
        return options
    }

    /// Opens the store so that no file of it is changed.
    /// - Parameter checksPages: check every page of the log first, for a command that reads them all.
    func openForReading(checksPages: Bool = false) throws(AnnalsError) -> EventStore {
        var options = try options()
        options.checksPages = checksPages
        options.access = .readOnly
        return try EventStore(at: storePath, options: options)
    }

    /// Opens the store for changes; what a crash left is healed.
    /// - Parameters:
    ///   - lockTimeout: how long a write waits for another process's, in seconds.
    ///   - checksPages: check every page of the log first, for a command that reads them all.
    func openForWriting(
        lockTimeout: Double = 60, checksPages: Bool = false
    ) throws(AnnalsError) -> EventStore {
        var options = try options()
        options.checksPages = checksPages
        options.writeTimeoutSeconds = lockTimeout
        return try EventStore(at: storePath, options: options)
    }

    /// The projection that was named, or the only one.
    func projection(_ name: String?, of store: EventStore) throws -> String {
        if let name {
            _ = try store.definition(of: name)
            return name
        }
        let all = store.projections
        if all.isEmpty, let failure = store.folderFailure { throw failure }
        if all.count == 1, let only = all.first { return only }
        throw CommandError.usage(
            "PROJECTION_AMBIGUOUS", "The store has \(all.count) projections: name the one meant.",
            hint: all.isEmpty ? "" : "It has: \(all.joined(separator: ", ")).")
    }

    /// Catches every projection up with what a command has put into the log.
    ///
    /// One that halts is no failure of the command: it is warned of, and `status` tells it too.
    func catchUpAll(_ store: EventStore) throws {
        do throws(AnnalsError) {
            try store.catchUpAll()
        } catch {
            let isUnread = error.context.projection.map { store.loadFailures[$0] != nil } ?? false
            guard isUnread || ["PROJECTION_HALTED", "LINEAGE"].contains(error.code) else {
                throw error
            }
            console.warn(DisplayText.escaped(error.message))
        }
    }

    // MARK: Commands to run next

    /// A command as it can be pasted into a shell to work on the same store.
    func command(_ words: String...) -> String { command(words) }

    /// The same from a list of words.
    func command(_ words: [String]) -> String {
        let words = ["annals"] + words + (isStoreGiven ? ["--store", storePath] : [])
        return words.map(Self.quoted).joined(separator: " ")
    }

    /// A line of words that need no quotes, as a command on the same store.
    func command(line: String) -> String {
        isStoreGiven ? "\(line) --store \(Self.quoted(storePath))" : line
    }

    /// A word as a shell takes it.
    static func quoted(_ word: String) -> String {
        let isPlain = word.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: "-_./,:=@%+".utf8.contains(byte)
            }
        }
        if isPlain, !word.isEmpty { return word }
        return "'" + word.replacingOccurrences(of: "'", with: "'\\''") + "'"
    }

    // MARK: Interrupts

    /// From here on the first interrupt stops the work at the next safe point, the second at once.
    func stopAtSafePoints() { interrupts.arm() }
}
