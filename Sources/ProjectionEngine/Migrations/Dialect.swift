import EventModel

/// A kind of SQL database that projections are built in, and the one place where a migration's
/// statements become that database's.
///
/// A migration is the same one in every dialect: its identity is projection, number and name, and its
/// hashes are over the file's own text, never over what a dialect makes of it.
public enum Dialect: String, Sendable, CaseIterable {
    /// SQLite, whose SQL the files are written in.
    case sqlite

    /// The statements of a section as this dialect's database takes them.
    func statements(of section: SQLSection) -> SQLSection {
        switch self {
        case .sqlite: section
        }
    }

    /// Reads the name that a manifest or a migration's header gives.
    /// - Parameter refuse: makes the error with its place of a code, a message and a hint.
    /// - Throws: `invalid`, `DIALECT_UNSUPPORTED`, for any other database.
    static func named(
        _ name: String, refuse: (_ code: String, _ message: String, _ hint: String) -> AnnalsError
    ) throws(AnnalsError) -> Dialect {
        if let dialect = Dialect(rawValue: name) { return dialect }
        let supported = allCases.map(\.rawValue).joined(separator: ", ")
        throw refuse(
            "DIALECT_UNSUPPORTED", "the dialect `\(name)` is not supported.",
            "Supported is: \(supported). Without a word about it, sqlite is meant.")
    }
}
