#ifndef ANNALS_CSQLITE_TUNING_H
#define ANNALS_CSQLITE_TUNING_H

/// Process-wide SQLite settings that Swift cannot make, because sqlite3_config is variadic.
/// Call once, before SQLite's first use; later calls do nothing and return the first answer.
/// Returns SQLite's result code: SQLITE_MISUSE (21) when SQLite was already in use.
int annals_sqlite_tune(void);

#endif
