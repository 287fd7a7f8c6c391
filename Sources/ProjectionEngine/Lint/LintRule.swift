/// What `lint` looks for.
///
/// The raw values are the findings' stable codes. What the loader and SQLite refuse keeps the code of
/// its error.
public enum LintRule: String, Sendable, CaseIterable {
    /// A function whose answer is not a function of the log.
    case nondeterministicFunction = "NONDETERMINISTIC_FUNCTION"
    /// A time modifier that depends on the machine.
    case nondeterministicModifier = "NONDETERMINISTIC_MODIFIER"
    /// LIMIT over rows in no order.
    case unorderedLimit = "UNORDERED_LIMIT"
    /// A table of another projection.
    case otherProjection = "OTHER_PROJECTION"
    /// A table of a module that this one does not depend on.
    case moduleBoundary = "MODULE_BOUNDARY"
    /// A table goes that an earlier migration made.
    case dropTable = "DROP_TABLE"
    /// A column goes that an earlier migration made.
    case dropColumn = "DROP_COLUMN"
    /// Rows that Up makes or changes.
    case rowsInUp = "ROWS_IN_UP"
    /// A view that cannot be used any more.
    case danglingView = "DANGLING_VIEW"
    /// A trigger that cannot fire any more.
    case danglingTrigger = "DANGLING_TRIGGER"
    /// A table without a primary key.
    case noKey = "NO_KEY"
    /// `AUTOINCREMENT`.
    case autoincrement = "AUTOINCREMENT"
    /// A floating-point number as a key.
    case floatKey = "FLOAT_KEY"
    /// A default that is a time.
    case defaultTime = "DEFAULT_TIME"
    /// A foreign key without an index of the child's columns.
    case unindexedForeignKey = "FOREIGN_KEY_UNINDEXED"
    /// A table that no handler writes.
    case unusedTable = "UNUSED_TABLE"
    /// A handler that reads a whole table for each event.
    case fullScan = "FULL_SCAN"
    /// UPDATE or DELETE of every row.
    case noWhere = "NO_WHERE"
    /// REPLACE of rows that others refer to.
    case replaceCascades = "REPLACE_CASCADES"
    /// `-- Down: replay` without a word why.
    case downWithoutReason = "DOWN_WITHOUT_REASON"
    /// A migration that does very much.
    case largeMigration = "MIGRATION_LARGE"
    /// A seed whose row depends on the store.
    case unstableSeed = "SEED_UNSTABLE"
    /// A seed's id that another projection's seed has.
    case seedClash = "SEED_ID_CLASH"
    /// A handler of a type that the log does not have.
    case typeNeverOccurs = "TYPE_NEVER_OCCURS"
    /// A field that no event of the type carries.
    case fieldNeverOccurs = "FIELD_NEVER_OCCURS"
    /// A waiver of a rule that there is not.
    case unknownWaiver = "WAIVER_UNKNOWN"
    /// A waiver of something that was not found.
    case unusedWaiver = "WAIVER_UNUSED"

    /// Whether only a store's history can tell.
    public var needsStore: Bool { self == .typeNeverOccurs || self == .fieldNeverOccurs }

    /// Whether a migration may waive it: what is refused anyway cannot be waived.
    public var isWaivable: Bool {
        severity != .error && self != .unknownWaiver && self != .unusedWaiver
    }

    /// How bad it is, unless a finding says otherwise.
    public var severity: LintFinding.Severity {
        switch self {
        case .nondeterministicFunction, .nondeterministicModifier, .otherProjection, .danglingView,
            .danglingTrigger, .seedClash:
            .error
        case .defaultTime, .largeMigration, .typeNeverOccurs, .fieldNeverOccurs: .note
        default: .warning
        }
    }

    /// What to do about it, unless a finding says otherwise.
    var remedy: String {
        switch self {
        case .nondeterministicFunction:
            "Take the value from the event: let the writer put it into the data."
        case .nondeterministicModifier: "Keep times in UTC and convert them where they are shown."
        case .unorderedLimit: "Add ORDER BY columns that put the rows in one order."
        case .otherProjection: "Handle the events that fill that table here too."
        case .moduleBoundary:
            "Name the module in `depends` of the manifest, or leave the table to it."
        case .dropTable, .dropColumn:
            "Nothing is lost from the log; waive it when nobody reads this any more."
        case .rowsInUp: "Declare rows as events: `-- Seed TYPE STREAM ID` and a handler."
        case .danglingView, .danglingTrigger: "Make it anew in the same Up, or drop it first."
        case .noKey: "Declare a PRIMARY KEY of columns that come from the event."
        case .autoincrement: "Leave it out and take the id from the event, for example @position."
        case .floatKey: "Use an integer or text; equal-looking floats may differ in the last bit."
        case .defaultTime: "Write @time or @recorded in the handler, so that a reader sees which."
        case .unindexedForeignKey: "Add an index that begins with the columns of the foreign key."
        case .unusedTable: "Add a handler, or drop the table."
        case .fullScan: "Add an index for the condition, or narrow it to a key."
        case .noWhere: "Add WHERE with the event's key; say `WHERE true` if every row is meant."
        case .replaceCascades: "Write INSERT … ON CONFLICT DO UPDATE, which keeps the row."
        case .downWithoutReason: "Say in a comment below it what SQL cannot undo, or write the SQL."
        case .largeMigration: "Cut it into migrations of one logical change each."
        case .unstableSeed: "Use @key, @id or a field of the seed's data."
        case .seedClash: "Give one of the two another id, for example with the projection's name."
        case .typeNeverOccurs: "Nothing, if its writers are still to come; else mend the type."
        case .fieldNeverOccurs: "Nothing, if its writers are still to come; else mend the name."
        case .unknownWaiver: "See 'annals lint --help' for the codes."
        case .unusedWaiver: "Remove the line."
        }
    }
}
