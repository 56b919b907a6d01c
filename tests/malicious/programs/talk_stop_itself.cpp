// TLE
// Stops itself in the middle of a conversation.
#include <csignal>
#include <cstdio>
int main() {
    int number;
    if (scanf("%d", &number) != 1) return 1;
    printf("%d\n", 2 * number);
    fflush(stdout);
    for (;;) raise(SIGSTOP);
}
