/* What a child does to itself before any foreign code runs in it. */
#ifndef CONFINE_H
#define CONFINE_H

#ifndef CONFINE_LINKAGE
#define CONFINE_LINKAGE
#endif

#include <linux/filter.h>
#include <stdint.h>

enum { MAX_LIMITS = 16, MAX_FILES = 8, MAX_DIRECTORY = 256 };
enum { RIGHTS_ARE_GONE = -2 };

struct limit {
    int64_t kind;
    uint64_t value;
};

/* The layout is repeated in inside/native.py. */
struct confinement {
    int64_t uid; /* to become, as user and as group; -1 stays who it is; so does RIGHTS_ARE_GONE, which has no capability to drop */
    int64_t limit_count;
    struct limit limits[MAX_LIMITS];
    char directory[MAX_DIRECTORY];
};

/* Make `files` the descriptors 0, 1, ..., close all others, and give up every right for good.
   Returns 0, or the name of what failed, and in `why` its errno. */
CONFINE_LINKAGE const char *confine(
    const struct confinement *how, const struct sock_fprog *filter, const int *files, int count, int *why);

#endif
