// TLE RTE
// Becomes itself again and again, each time with a longer list of arguments.
#include <stdlib.h>
#include <unistd.h>
int main(int count, char **words) {
    char **longer = (char **)calloc(count + 2, sizeof *longer);
    for (int i = 0; i < count; i++) longer[i] = words[i];
    longer[count] = (char *)"cf-attack";
    execve("/proc/self/exe", count < 2000 ? longer : words, nullptr);
    return 3;
}
