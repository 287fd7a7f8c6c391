#include "CSQLiteTuning.h"
#include <pthread.h>
#include <sqlite3.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;
static int answer;

static void tune(void) {
    // Memory statistics take a global lock in every allocation: 20 to 45 % of a bulk load.
    answer = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    // The program used SQLite before us: its settings stand, and only speed is lost.
    if (answer == SQLITE_MISUSE) answer = SQLITE_OK;
}

int annals_sqlite_tune(void) {
    pthread_once(&once, tune);
    return answer;
}

int annals_sqlite_harden(struct sqlite3 *db) {
    static const struct { int option; int value; } settings[] = {
        {SQLITE_DBCONFIG_DEFENSIVE, 1},
        {SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0},
        {SQLITE_DBCONFIG_DQS_DDL, 0},
        {SQLITE_DBCONFIG_DQS_DML, 0},
        {SQLITE_DBCONFIG_LEGACY_ALTER_TABLE, 0},
        {SQLITE_DBCONFIG_ENABLE_TRIGGER, 1},
        {SQLITE_DBCONFIG_ENABLE_VIEW, 1},
    };
    for (unsigned i = 0; i < sizeof settings / sizeof settings[0]; i++) {
        int code = sqlite3_db_config(db, settings[i].option, settings[i].value, (int *)0);
        if (code != SQLITE_OK) return code;
    }
    return SQLITE_OK;
}

int annals_sqlite_keep_wal(struct sqlite3 *db) {
    return sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, (int *)0);
}
