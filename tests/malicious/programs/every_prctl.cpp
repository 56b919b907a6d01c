// AC
// Asks prctl for everything that could matter to others; right only if it is all refused.
#include <initializer_list>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>
int main() {
    int had = 0;
    const int options[] = {1 /* death signal */, 4 /* dumpable */, 6, 8 /* keep capabilities */, 10, 12, 14, 20, 22 /* seccomp */,
                           24 /* bounding set */, 26, 28 /* secure bits */, 29 /* timer slack */, 33, 35 /* memory map */, 36 /* subreaper */,
                           38, 41, 45, 47 /* ambient */, 50, 53, 54, 57, 59 /* dispatch */, 61, 62 /* core scheduling */, 64, 65 /* memory deny */,
                           67, 69, 71, 72, 0x59616d61 /* tracer */, 0x41555856};
    for (int option : options) for (long value : {0L, 1L, 9L}) if (syscall(SYS_prctl, option, value, 0, 0, 0) >= 0) had++;
    puts(had ? "had" : "7");
}
