/// One thing in a projection's files that deserves a look, with its place and what to do.
public struct LintFinding: Sendable, Equatable {
    /// How bad it is, the worst first.
    public enum Severity: String, Sendable, CaseIterable {
        /// The projection cannot be used like this.
        case error
        /// It works, and will hurt.
        case warning
        /// Worth knowing.
        case note
    }

    /// A stable upper-case name: a rule's, or that of the error with which loading fails.
    public let code: String
    /// How bad it is.
    public let severity: Severity
    /// The projection; empty when its manifest cannot be read.
    public let projection: String
    /// The number of the migration; `nil` when it lies in the manifest or a file's name.
    public let migration: Int?
    /// The file's name, as errors show it.
    public let file: String
    /// The line, from 1.
    public let line: Int
    /// The column, from 1, in characters.
    public let column: Int
    /// What was found.
    public let message: String
    /// What to do about it.
    public let remedy: String
    /// Why the migration's header allows it; `nil` when it does not.
    public internal(set) var waiver: String?
}

/// What `lint` found in some projections.
public struct LintReport: Sendable, Equatable {
    /// The projections that were looked at, sorted.
    public var projections: [String]
    /// What was found and is not waived, by projection, file and line.
    public var findings: [LintFinding]
    /// What was found and is waived, with the reason.
    public var waived: [LintFinding]
    /// The codes that were not looked for, because only a store's history can tell.
    public var skipped: [String]

    /// Whether there is nothing worse than a note.
    public var isClean: Bool { !findings.contains { $0.severity != .note } }

    /// How many findings are so bad.
    public func count(_ severity: LintFinding.Severity) -> Int {
        findings.filter { $0.severity == severity }.count
    }

    /// Puts findings in order, waived ones apart.
    public init(projections: [String], _ all: [LintFinding], skipped: [String]) {
        let sorted = all.sorted {
            ($0.projection, $0.file, $0.line, $0.column, $0.code, $0.message)
                < ($1.projection, $1.file, $1.line, $1.column, $1.code, $1.message)
        }
        self.projections = projections.sorted()
        findings = sorted.filter { $0.waiver == nil }
        waived = sorted.filter { $0.waiver != nil }
        self.skipped = skipped
    }
}
