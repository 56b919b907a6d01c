// AC RTE
// Becomes itself under variables that make the loader write files and load libraries.
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
int main(int, char **words) {
    if (!getenv("LD_PRELOAD")) {
        const char *variables[] = {"LD_PRELOAD=/tmp/cf-attack.so /dev/stdin", "LD_AUDIT=/tmp/cf-attack.so", "LD_DEBUG=all",
                                   "LD_DEBUG_OUTPUT=/tmp/cf-attack", "LD_LIBRARY_PATH=/tmp:/proc/self/fd",
                                   "LD_PROFILE=libc.so.6", "LD_PROFILE_OUTPUT=/tmp", "GCONV_PATH=/tmp", "MALLOC_TRACE=/tmp/cf-attack-trace", nullptr};
        execve("/proc/self/exe", words, (char **)variables);
        return 3;
    }
    puts("7");
}
