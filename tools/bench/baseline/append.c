/* Raw LMDB: the records of a log, read into memory before the clock starts, appended to a new
 * environment with MDB_APPEND, a given number of them per durable commit, without any index.
 *
 * Usage: append LOG-FOLDER NEW-FOLDER PER-COMMIT          prints: COUNT SECONDS */
#include "common.h"

int main(int count, char **arguments) {
    if (count != 4) return 64;
    size_t per_commit = strtoul(arguments[3], NULL, 10);

    MDB_env *source = open_environment(arguments[1], MDB_RDONLY);
    MDB_txn *reading;
    MDB_dbi events;
    MDB_cursor *cursor;
    MDB_stat size;
    CHECK(mdb_txn_begin(source, NULL, MDB_RDONLY, &reading));
    CHECK(mdb_dbi_open(reading, "events", 0, &events));
    CHECK(mdb_stat(reading, events, &size));
    MDB_val *records = malloc(size.ms_entries * sizeof *records);
    CHECK(mdb_cursor_open(reading, events, &cursor));
    MDB_val key, value;
    size_t total = 0;
    while (mdb_cursor_get(cursor, &key, &value, MDB_NEXT) == 0) {
        void *copy = malloc(value.mv_size);
        memcpy(copy, value.mv_data, value.mv_size);
        records[total++] = (MDB_val){value.mv_size, copy};
    }
    mdb_txn_abort(reading);
    mdb_env_close(source);

    if (mkdir(arguments[2], 0700) != 0) return 1;
    MDB_env *target = open_environment(arguments[2], 0);
    MDB_txn *writing;
    CHECK(mdb_txn_begin(target, NULL, 0, &writing));
    CHECK(mdb_dbi_open(writing, "events", MDB_CREATE, &events));
    CHECK(mdb_txn_commit(writing));
    double start = seconds_now();
    for (size_t done = 0; done < total;) {
        CHECK(mdb_txn_begin(target, NULL, 0, &writing));
        for (size_t n = 0; n < per_commit && done < total; n++, done++) {
            uint64_t position = big_endian_64(done + 1);
            key = (MDB_val){sizeof position, &position};
            value = records[done];
            CHECK(mdb_put(writing, events, &key, &value, MDB_APPEND));
        }
        CHECK(mdb_txn_commit(writing));
    }
    printf("%zu %.6f\n", total, seconds_now() - start);
    mdb_env_close(target);
    return 0;
}
