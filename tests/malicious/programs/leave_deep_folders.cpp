// AC
// Leaves folders deeper than any path may be long, and stays in the deepest; right only if /tmp was empty.
#include <dirent.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>
int main() {
    int found = 0;
    DIR *folder = opendir("/tmp");
    while (readdir(folder)) found++;
    chdir("/tmp");
    for (int depth = 0; depth < 5000; depth++) if (mkdir("deeper-than-any-path", 0700) || chdir("deeper-than-any-path")) break;
    chmod(".", 0);
    puts(found > 2 ? "found" : "7");
}
