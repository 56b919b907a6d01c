// AC
// Starts a daemon in a session of its own that would talk on; right only if it could not.
#include <unistd.h>
#include <cstdio>
#include <cstdlib>
int main() {
    int had = setsid() >= 0 || setpgid(0, 0) == 0;
    if (daemon(1, 1) == 0) {
        for (int i = 0; i < 1000; i++) { usleep(10000); puts("daemon"); fflush(stdout); }
        return 0;
    }
    char line[100];
    while (fgets(line, sizeof line, stdin) && line[0] != 'o') {
        printf("%d\n", 2 * atoi(line) + had);
        fflush(stdout);
    }
}
