/* What the baselines share: time, failure, and the few offsets of docs/format.md that they read. */
#pragma once
#define _GNU_SOURCE
#include <errno.h>
#include <lmdb.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define CHECK(call)                                                              \
    do {                                                                         \
        int code_ = (call);                                                      \
        if (code_ != 0) {                                                        \
            fprintf(stderr, "%s:%d: %s: %s\n", __FILE__, __LINE__, #call,        \
                    mdb_strerror(code_));                                        \
            exit(1);                                                             \
        }                                                                        \
    } while (0)

static inline double seconds_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* As Annals opens it: everything durable, a terabyte of address space. */
static inline MDB_env *open_environment(const char *folder, unsigned flags) {
    MDB_env *environment;
    CHECK(mdb_env_create(&environment));
    CHECK(mdb_env_set_mapsize(environment, (size_t)1 << 40));
    CHECK(mdb_env_set_maxdbs(environment, 16));
    CHECK(mdb_env_open(environment, folder, flags, 0600));
    return environment;
}

static inline uint64_t big_endian_64(uint64_t number) { return __builtin_bswap64(number); }

static inline uint32_t number_32(const unsigned char *at) {
    uint32_t number;
    memcpy(&number, at, 4);
    return __builtin_bswap32(number);
}

/* One byte of every cache line, and the last: what "touching bytes" means in both programs. */
static inline uint64_t touch(const unsigned char *bytes, size_t count) {
    uint64_t sum = 0;
    for (size_t at = 0; at < count; at += 64) sum += bytes[at];
    return count > 0 ? sum + bytes[count - 1] : sum;
}
