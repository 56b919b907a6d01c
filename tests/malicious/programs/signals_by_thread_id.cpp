// AC
// Signals other processes by the calls that name threads or descriptors, with values attached.
#include <initializer_list>
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>
int main() {
    siginfo_t info = {};
    info.si_code = SI_QUEUE;
    int had = 0, own = getpid();
    for (int pid = 1; pid < 400; pid++) {
        if (pid == own) continue;
        for (int number : {SIGCONT, SIGUSR1, SIGKILL}) {
            syscall(SYS_tkill, pid, number);
            syscall(SYS_tgkill, pid, pid, number);
            syscall(SYS_rt_sigqueueinfo, pid, number, &info);
            if (syscall(297 /* rt_tgsigqueueinfo */, pid, pid, number, &info) == 0) had++;
        }
        if (syscall(434 /* pidfd_open */, pid, 0) >= 0) had++;
    }
    if (syscall(424 /* pidfd_send_signal */, 0, SIGKILL, nullptr, 0) == 0) had++;
    puts(had ? "had" : "7");
}
