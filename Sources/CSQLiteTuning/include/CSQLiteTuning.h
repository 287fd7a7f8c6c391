#ifndef ANNALS_CSQLITE_TUNING_H
#define ANNALS_CSQLITE_TUNING_H

struct sqlite3;

/// Process-wide SQLite settings that Swift cannot make, because sqlite3_config is variadic.
/// Call once, before SQLite's first use; later calls do nothing and return the first answer.
/// Returns SQLite's result code: SQLITE_MISUSE (21) when SQLite was already in use.
int annals_sqlite_tune(void);

/// Per-connection settings that Swift cannot make, because sqlite3_db_config is variadic.
/// They make SQL mean the same on every build of SQLite, and keep it from harming the file:
/// no extensions, no writable schema, no double-quoted strings, no unsafe functions in schemas.
/// Returns SQLite's first result code that is not SQLITE_OK.
int annals_sqlite_harden(struct sqlite3 *db);

#endif
