#ifndef ANNALS_CSQLITE_TUNING_H
#define ANNALS_CSQLITE_TUNING_H

struct sqlite3;

/// Process-wide SQLite settings that Swift cannot make, because sqlite3_config is variadic.
/// Call once, before SQLite's first use; later calls do nothing and return the first answer.
/// When the program has used SQLite before, its settings stand. Returns SQLite's result code.
int annals_sqlite_tune(void);

/// Per-connection settings that Swift cannot make, because sqlite3_db_config is variadic.
/// They make SQL mean the same on every build of SQLite, and keep it from harming the file:
/// no extensions, no writable schema, no double-quoted strings.
/// Schemas stay trusted: to SQLite 3.40 the JSON functions are not safe enough for a view, a CHECK or a
/// trigger of an untrusted one, and what a projection's own schema may call, the authorizer decides.
/// Returns SQLite's first result code that is not SQLITE_OK.
int annals_sqlite_harden(struct sqlite3 *db);

/// Lets the last connection close without moving the WAL into the file.
int annals_sqlite_keep_wal(struct sqlite3 *db);

#endif
