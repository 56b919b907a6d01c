// AC
// Waits for processes that are not its children, by every call; right only if there are none.
#include <initializer_list>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>
int main() {
    int had = 0, status;
    siginfo_t info;
    for (int options : {0, __WALL, (int)__WCLONE, WUNTRACED | WCONTINUED}) if (waitpid(-1, &status, options | WNOHANG) >= 0) had++;
    for (int pid = 1; pid < 300; pid++) {
        if (waitpid(pid, &status, WNOHANG | __WALL) >= 0) had++;
        if (waitid(P_PID, pid, &info, WEXITED | WSTOPPED | WNOHANG | WNOWAIT) >= 0) had++;
        if (waitid((idtype_t)3 /* P_PIDFD */, pid, &info, WEXITED | WNOHANG) >= 0) had++;
    }
    if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG) >= 0) had++;
    puts(had ? "had" : "7");
}
