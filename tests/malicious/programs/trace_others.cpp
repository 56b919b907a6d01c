// AC
// Traces itself and every process there may be; right only if all is refused.
#include <stdio.h>
#include <sys/ptrace.h>
#include <unistd.h>
int main() {
    int had = 0;
    for (int pid = 1; pid < 300; pid++) {
        if (ptrace(PTRACE_ATTACH, pid, nullptr, nullptr) == 0) had++;
        if (ptrace(PTRACE_SEIZE, pid, nullptr, 0x1FF) == 0) had++;
    }
    if (ptrace(PTRACE_ATTACH, getppid(), nullptr, nullptr) == 0) had++;
    if (ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) == 0) had++;
    puts(had ? "had" : "7");
}
