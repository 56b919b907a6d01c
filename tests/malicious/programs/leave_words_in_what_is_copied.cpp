// AC
// Looks for the process that it is a copy of: to stop it, to trace it, or to write into its memory.
#include <cstdio>
#include <cstdlib>
#include <csignal>
#include <dirent.h>
#include <fcntl.h>
#include <string>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>
static volatile int left;
static char word[8] = "new";
int main() {
    if (left || word[0] != 'n') return 1;
    for (int pid = 2; pid < 40000; pid++) {
        if (pid == getpid()) continue;
        for (int number : {SIGSTOP, SIGTERM, SIGKILL}) if (!kill(pid, number)) return 2;
    }
    int seen = 0;
    DIR *folder = opendir("/proc");
    while (dirent *entry = folder ? readdir(folder) : nullptr) {
        int pid = atoi(entry->d_name);
        if (!pid || access(("/proc/" + std::string(entry->d_name) + "/mem").c_str(), F_OK)) continue;
        int file = open(("/proc/" + std::string(entry->d_name) + "/mem").c_str(), O_RDWR);
        seen += open(("/proc/" + std::string(entry->d_name) + "/maps").c_str(), O_RDONLY) >= 0;
        int yes = 1;
        iovec here = {&yes, sizeof yes}, there = {(void *)&left, sizeof left};
        syscall(SYS_process_vm_writev, pid, &here, 1UL, &there, 1UL, 0UL);
        if (file >= 0 && pwrite(file, "old", 3, (off_t)word) == 3 && word[0] == 'n') return 3;  // another's
    }
    if (seen > 1) return 4;  // another process besides this one
    for (int file = 128; file < 256; file++) if (write(file, "1", 1) == 1 || read(file, word, 1) == 1) return 5;
    word[0] = 'o', left = 1;
    puts("7");
}
