// AC
// Turns into a daemon of its own session, which would outlive the run; right only if it could not.
#include <stdio.h>
#include <sys/types.h>
#include <unistd.h>
int main() {
    int had = 0;
    if (daemon(0, 1) == 0) for (;;) pause();
    if (setsid() >= 0 || setpgid(0, 0) == 0) had++;
    if (vhangup() == 0) had++;
    puts(had ? "had" : "7");
}
