/// What went wrong, where, and what to do about it: the error of everything above the C libraries.
///
/// Two errors are equal when kind and code are.
public struct AnnalsError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What the caller can do about an error.
    public enum Kind: String, Sendable {
        /// Another append came first: read again and decide again.
        case conflict
        /// The call or the input is wrong: change it.
        case invalid
        /// Something outside is in the way (lock, space, permission): remove it and repeat.
        case unavailable
        /// What is on disk is not what was written: stop, verify, restore.
        case corrupt
    }

    /// Where the error belongs; every part may be absent.
    public struct Context: Sendable, Equatable {
        /// The position of the event.
        public var position: Position?
        /// The event's type.
        public var type: String?
        /// The event's stream.
        public var stream: String?
        /// The projection.
        public var projection: String?
        /// The migration's number.
        public var migration: Int?
        /// The file, as the user knows it (`002_add_weight.sql`).
        public var file: String?
        /// The line in the file, from 1.
        public var line: Int?
        /// The column in the line, from 1, in characters.
        public var column: Int?

        /// Makes a context from the parts that are known.
        public init(
            position: Position? = nil, type: String? = nil, stream: String? = nil,
            projection: String? = nil, migration: Int? = nil, file: String? = nil,
            line: Int? = nil, column: Int? = nil
        ) {
            self.position = position
            self.type = type
            self.stream = stream
            self.projection = projection
            self.migration = migration
            self.file = file
            self.line = line
            self.column = column
        }
    }

    /// What the caller can do.
    public var kind: Kind
    /// A stable upper-case name, for programs, such as `STREAM_REVISION`.
    public var code: String
    /// What happened and what was expected, in one or two sentences.
    public var message: String
    /// What to do next; empty when the message says it all.
    public var hint: String
    /// Where it happened.
    public var context: Context
    /// For a failed append condition: what was found.
    public var conflict: AppendConflict?

    /// Makes an error.
    public init(
        _ kind: Kind, _ code: String, _ message: String, hint: String = "",
        context: Context = Context(), conflict: AppendConflict? = nil
    ) {
        self.kind = kind
        self.code = code
        self.message = message
        self.hint = hint
        self.context = context
        self.conflict = conflict
    }

    /// Equal when kind and code are.
    public static func == (left: AnnalsError, right: AnnalsError) -> Bool {
        left.kind == right.kind && left.code == right.code
    }

    /// The message and the hint.
    public var description: String { hint.isEmpty ? message : "\(message) \(hint)" }
}
