// AC
// Lets children talk in its place, all at once; right only if there are none.
#include <unistd.h>
#include <cstdio>
#include <cstdlib>
int main() {
    for (int i = 0; i < 8; i++)
        if (fork() == 0) for (;;) if (write(1, "1\n", 2) < 0) _exit(0);
    char line[100];
    while (fgets(line, sizeof line, stdin) && line[0] != 'o') {
        printf("%d\n", 2 * atoi(line));
        fflush(stdout);
    }
}
