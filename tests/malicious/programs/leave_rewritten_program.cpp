// AC
// Rewrites its own executable for the next run; right only if it could not.
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>
int main() {
    bool had = false;
    char path[64];
    for (int file = -1; file < 300; file++) {
        if (file >= 0 && file < 3) continue;
        if (file < 0) strcpy(path, "/proc/self/exe");
        else snprintf(path, sizeof path, "/proc/self/fd/%d", file);
        int again = open(path, O_RDWR);
        if (again >= 0 && write(again, "", 1) == 1) had = true;
        if (file >= 3 && (write(file, "", 1) == 1 || ftruncate(file, 0) == 0)) had = true;
    }
    puts(had ? "had" : "7");
}
