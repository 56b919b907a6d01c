#define _GNU_SOURCE
#include "confine.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_close_range
#define SYS_close_range 436
#endif

static int place(const int *files, int count) {
    int copies[MAX_FILES];
    for (int i = 0; i < count; i++)
        if ((copies[i] = fcntl(files[i], F_DUPFD_CLOEXEC, 2 * MAX_FILES)) < 0)
            return -1;
    for (int i = 0; i < count; i++)
        if (dup2(copies[i], i) < 0)
            return -1;
    if (syscall(SYS_close_range, count, ~0U, 0) < 0)
        for (int file = count, last = sysconf(_SC_OPEN_MAX); file < last; file++)
            close(file);
    return 0;
}

static int lower(const struct limit *limits, int count) {
    for (int i = 0; i < count; i++) {
        struct rlimit now;
        if (getrlimit(limits[i].kind, &now) < 0)
            return -1;
        rlim_t value = limits[i].value;
        if (now.rlim_max != RLIM_INFINITY && value > now.rlim_max)
            value = now.rlim_max;
        now.rlim_cur = now.rlim_max = value;
        if (setrlimit(limits[i].kind, &now) < 0)
            return -1;
    }
    return 0;
}

/* By bare system calls: the library's functions would tell other threads, of a process that may share this memory. */
static int become(long id) {
    if (id < 0)
        return 0;
    if (syscall(SYS_setgroups, 0, NULL) < 0 || syscall(SYS_setresgid, id, id, id) < 0)
        return -1;
    return syscall(SYS_setresuid, id, id, id);
}

static int drop_capabilities(void) {
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {0};
    return syscall(SYS_capset, &header, none);
}

const char *confine(const struct confinement *how, const struct sock_fprog *filter, const int *files, int count) {
    if (count > MAX_FILES || how->limit_count > MAX_LIMITS) {
        errno = EINVAL;
        return "too many files or limits";
    }
    if (place(files, count) < 0)
        return "placing descriptors";
    if (chdir(how->directory) < 0)
        return "changing the directory";
    umask(022);
    if (lower(how->limits, how->limit_count) < 0)
        return "lowering limits";
    if (become(how->uid) < 0)
        return "changing the user";
    if (drop_capabilities() < 0)
        return "dropping capabilities";
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        return "giving up new privileges";
    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, filter, 0, 0) < 0)
        return "installing the filter";
    return NULL;
}
