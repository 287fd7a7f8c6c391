import SQLite

/// The engine's own tables in every projection file, and the marks in the file's header.
///
/// Migrations and handlers may not touch them, and digests leave them out.
enum EngineTables {
    /// Their names, in small letters.
    static let names: Set<String> = ["schema_migrations", "checkpoint", "quarantine"]

    /// `application_id` of a projection file: "ANLP".
    static let applicationID: Int64 = 0x414E_4C50
    /// `user_version` of a finished file: the version of the tables below.
    static let formatVersion: Int64 = 1
    /// `user_version` of a file whose build is not finished.
    static let unfinished: Int64 = 0

    /// The statements that create them in an empty file.
    static let schema = """
        CREATE TABLE schema_migrations (
            version INTEGER PRIMARY KEY,
            module TEXT NOT NULL,
            name TEXT NOT NULL,
            applied_at INTEGER NOT NULL,
            checksum TEXT NOT NULL,
            position INTEGER NOT NULL,
            duration_ms INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE checkpoint (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            position INTEGER NOT NULL,
            log_id TEXT NOT NULL
        ) STRICT;
        CREATE TABLE quarantine (
            position INTEGER PRIMARY KEY,
            type TEXT NOT NULL,
            stream TEXT NOT NULL,
            file TEXT NOT NULL,
            line INTEGER NOT NULL,
            error TEXT NOT NULL
        ) STRICT;
        """
}
