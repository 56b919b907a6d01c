// AC
// Becomes another program in the middle of a conversation; its words must be those of one and the same run.
#include <unistd.h>
#include <cstdio>
#include <cstdlib>
int main(int argc, char **argv) {
    char line[100] = "";
    for (char *end = line; read(0, end, 1) == 1 && *end != '\n' && end < line + 98;) *++end = 0;
    if (line[0] == 'o') return 0;
    dprintf(1, "%d\n", 2 * atoi(line));
    execl("/proc/self/exe", argv[0], (char *)nullptr);
    return 1;
}
