/* Plain SQLite: the rows of a rebuilt projection, read into memory before the clock starts, inserted
 * into a new file with the same table by one prepared statement, 16,384 rows per transaction.
 *
 * The best settings for such a loop: journal off, not synced, exclusive, a large cache, no mutex,
 * no memory statistics. There is no log to read, no JSON to scan and nothing to be taken back.
 *
 * Usage: insert PROJECTION-FILE NEW-FILE          prints: COUNT SECONDS */
#define _GNU_SOURCE
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { COLUMNS = 6, PER_TRANSACTION = 16384 };

#define CHECK(call)                                                              \
    do {                                                                         \
        int code_ = (call);                                                      \
        if (code_ != SQLITE_OK && code_ != SQLITE_DONE) {                        \
            fprintf(stderr, "%s:%d: %s: %s\n", __FILE__, __LINE__, #call,        \
                    sqlite3_errstr(code_));                                      \
            exit(1);                                                             \
        }                                                                        \
    } while (0)

static double seconds_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

typedef struct {
    int type;
    int length;
    sqlite3_int64 integer;
    double real;
    char *text;
} Value;

static Value *read_rows(const char *path, char **schema, size_t *count) {
    sqlite3 *source;
    sqlite3_stmt *select;
    CHECK(sqlite3_open_v2(path, &source, SQLITE_OPEN_READONLY, NULL));
    CHECK(sqlite3_prepare_v2(
        source, "SELECT sql FROM sqlite_schema WHERE name = 'proxies'", -1, &select, NULL));
    if (sqlite3_step(select) != SQLITE_ROW) exit(1);
    *schema = strdup((const char *)sqlite3_column_text(select, 0));
    CHECK(sqlite3_finalize(select));
    CHECK(sqlite3_prepare_v2(source, "SELECT * FROM proxies ORDER BY created_at", -1, &select, NULL));
    size_t room = 0;
    Value *values = NULL;
    *count = 0;
    while (sqlite3_step(select) == SQLITE_ROW) {
        if (*count == room) {
            room = room * 2 + 65536;
            values = realloc(values, room * COLUMNS * sizeof *values);
        }
        for (int column = 0; column < COLUMNS; column++) {
            Value *value = &values[*count * COLUMNS + column];
            value->type = sqlite3_column_type(select, column);
            value->integer = sqlite3_column_int64(select, column);
            value->real = sqlite3_column_double(select, column);
            if (value->type == SQLITE_TEXT) {
                value->length = sqlite3_column_bytes(select, column);
                value->text = malloc((size_t)value->length);
                memcpy(value->text, sqlite3_column_text(select, column), (size_t)value->length);
            }
        }
        (*count)++;
    }
    CHECK(sqlite3_finalize(select));
    CHECK(sqlite3_close(source));
    return values;
}

static void bind(sqlite3_stmt *insert, int column, const Value *value) {
    switch (value->type) {
    case SQLITE_INTEGER: CHECK(sqlite3_bind_int64(insert, column, value->integer)); break;
    case SQLITE_FLOAT: CHECK(sqlite3_bind_double(insert, column, value->real)); break;
    case SQLITE_TEXT:
        CHECK(sqlite3_bind_text(insert, column, value->text, value->length, SQLITE_STATIC));
        break;
    default: CHECK(sqlite3_bind_null(insert, column));
    }
}

int main(int count, char **arguments) {
    if (count != 3) return 64;
    CHECK(sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0));
    char *schema;
    size_t rows;
    Value *values = read_rows(arguments[1], &schema, &rows);

    double start = seconds_now();
    sqlite3 *target;
    sqlite3_stmt *insert;
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    CHECK(sqlite3_open_v2(arguments[2], &target, flags, NULL));
    CHECK(sqlite3_exec(
        target,
        "PRAGMA page_size = 4096; PRAGMA auto_vacuum = 0; PRAGMA secure_delete = 0;"
        "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;"
        "PRAGMA cache_size = -131072;",
        NULL, NULL, NULL));
    CHECK(sqlite3_exec(target, schema, NULL, NULL, NULL));
    CHECK(sqlite3_prepare_v2(
        target, "INSERT INTO proxies VALUES (?, ?, ?, ?, ?, ?)", -1, &insert, NULL));
    for (size_t done = 0; done < rows;) {
        CHECK(sqlite3_exec(target, "BEGIN", NULL, NULL, NULL));
        for (size_t n = 0; n < PER_TRANSACTION && done < rows; n++, done++) {
            for (int column = 0; column < COLUMNS; column++)
                bind(insert, column + 1, &values[done * COLUMNS + (size_t)column]);
            CHECK(sqlite3_step(insert));
            CHECK(sqlite3_reset(insert));
        }
        CHECK(sqlite3_exec(target, "COMMIT", NULL, NULL, NULL));
    }
    CHECK(sqlite3_finalize(insert));
    printf("%zu %.6f\n", rows, seconds_now() - start);
    CHECK(sqlite3_close(target));
    return 0;
}
