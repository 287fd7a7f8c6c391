import EventModel

/// One numbered file of a projection: the schema's way up and down, and the handlers from then on.
public struct Migration: Sendable, Equatable {
    /// Its number in the projection's version line, from 1.
    public let number: Int
    /// Its name, without the number (`add_proxy_weight`).
    public let name: String
    /// The module that it belongs to.
    public let module: String
    /// What it is for, in one line.
    public let description: String
    /// The numbers of earlier migrations that must be in force, ascending.
    public let depends: [Int]
    /// The statements that make the schema; may hold none when the file changes handlers only.
    public let up: SQLSection
    /// The way back.
    public let down: Down
    /// The handlers that it defines, in file order; at most one for each type.
    public let handlers: [HandlerDefinition]
    /// The event types whose handler, of the same module, it removes.
    public let offs: [HandlerRemoval]
    /// The events to append once in a store, in file order.
    public let seeds: [Seed]
    /// The rewritings of older events' data that it defines, in file order.
    public let upcasts: [Upcast]
    /// The file's name, as errors show it.
    public let file: String
    /// The hashes of its parts.
    public let checksums: Checksums
    /// What `lint` is told to allow in this file, in file order.
    public let waivers: [LintWaiver]
    /// For `-- Down: replay`: what the comment below it says; `nil` when Down has SQL.
    public let replayReason: ReplayReason?
    /// The line of the header that names the module.
    let moduleLine: Int
    /// The line of the header that names the dependencies; 1 when there are none.
    let dependsLine: Int

    /// An error at a line of the file.
    func error(_ code: String, line: Int, _ message: String, hint: String) -> AnnalsError {
        .inFile(code, file, line, 1, message, hint: hint, migration: number)
    }

    /// Number and name as files have them: `002_add_proxy_weight`.
    public var fullName: String { Migration.fullName(number, name) }

    /// Number and name as files have them: `002_add_proxy_weight`.
    public static func fullName(_ number: Int, _ name: String) -> String {
        "\(padded(number))_\(name)"
    }

    /// A number with at least three digits, as files have it: `002`.
    public static func padded(_ number: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, 3 - digits.count)) + digits
    }
}

/// How a migration is taken back.
public enum Down: Sendable, Equatable {
    /// By these statements.
    case sql(SQLSection)
    /// Only by a replay at the earlier version.
    case replay
}

/// Why only a replay leads back from a migration, in the words of its file.
public struct ReplayReason: Sendable, Equatable {
    /// The comment's text on one line; empty without a comment.
    public let text: String
    /// The line of the marker.
    public let line: Int
}

/// The SQL that one event type runs, as one migration defines it.
public struct HandlerDefinition: Sendable, Equatable {
    /// The event's type.
    public let eventType: String
    /// One or more statements.
    public let section: SQLSection
}

/// The end of a handler: from this migration on its module has none for the type.
public struct HandlerRemoval: Sendable, Equatable {
    /// The event's type.
    public let eventType: String
    /// The line of the marker.
    public let line: Int
}

/// An event that is appended once in a store, when its module is first in force.
public struct Seed: Sendable, Equatable {
    /// The event's type.
    public let type: String
    /// The event's stream.
    public let stream: String
    /// The event's client id, which makes the append idempotent.
    public let id: String
    /// One JSON object, as the file has it.
    public let data: [UInt8]
    /// The file's name.
    public let file: String
    /// The line of the marker.
    public let line: Int
}

/// How the data of an event type changes from one schema version to a later one.
public struct Upcast: Sendable, Equatable {
    /// The event's type.
    public let eventType: String
    /// The schema version that it reads, from 1.
    public let from: Int
    /// The schema version that it makes, greater than `from`.
    public let to: Int
    /// One SQL expression over `@data` that gives the newer data as JSON text.
    public let section: SQLSection
}
