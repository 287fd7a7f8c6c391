/* Raw LMDB: one cursor over the records of a log, touching the bytes of type, stream and data.
 * Nothing is verified.
 *
 * Usage: scan LOG-FOLDER          prints: COUNT SECONDS SUM */
#include "common.h"

enum { HEADER_LENGTH = 12, TYPE_LENGTH = 72, STREAM_LENGTH = 73, VARIABLE_PART = 88 };

int main(int count, char **arguments) {
    if (count != 2) return 64;
    MDB_env *environment = open_environment(arguments[1], MDB_RDONLY);
    MDB_txn *reading;
    MDB_dbi events;
    MDB_cursor *cursor;
    MDB_val key, value;
    uint64_t sum = 0;
    size_t total = 0;
    double start = seconds_now();
    CHECK(mdb_txn_begin(environment, NULL, MDB_RDONLY, &reading));
    CHECK(mdb_dbi_open(reading, "events", 0, &events));
    CHECK(mdb_cursor_open(reading, events, &cursor));
    while (mdb_cursor_get(cursor, &key, &value, MDB_NEXT) == 0) {
        const unsigned char *record = value.mv_data;
        size_t header_length = number_32(record + HEADER_LENGTH);
        const unsigned char *type = record + VARIABLE_PART;
        const unsigned char *stream = type + record[TYPE_LENGTH];
        sum += touch(type, record[TYPE_LENGTH]);
        sum += touch(stream, record[STREAM_LENGTH]);
        sum += touch(record + header_length, value.mv_size - header_length);
        total++;
    }
    printf("%zu %.6f %llu\n", total, seconds_now() - start, (unsigned long long)sum);
    mdb_txn_abort(reading);
    mdb_env_close(environment);
    return 0;
}
