/* What a child does to itself before any foreign code runs in it. */
#ifndef CONFINE_H
#define CONFINE_H

#include <linux/filter.h>
#include <stdint.h>

enum { MAX_LIMITS = 16, MAX_FILES = 8, MAX_DIRECTORY = 256 };

struct limit {
    int64_t kind;
    uint64_t value;
};

/* The layout is repeated in inside/native.py. */
struct confinement {
    int64_t uid; /* to become, as user and as group; -1 stays */
    int64_t limit_count;
    struct limit limits[MAX_LIMITS];
    char directory[MAX_DIRECTORY];
};

/* Make `files` the descriptors 0, 1, ..., close all others, and give up every right for good.
   Returns 0, or with errno set the name of what failed. */
const char *confine(const struct confinement *how, const struct sock_fprog *filter, const int *files, int count);

#endif
