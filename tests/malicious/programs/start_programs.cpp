// AC
// Starts programs by every function of the C library; right only if none ran.
#include <pty.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <wordexp.h>
extern char **environ;
int main() {
    int had = 0, file;
    char text[99] = "";
    if (system("touch /tmp/cf-attack-system") == 0) had++;
    FILE *pipe = popen("echo ran", "r");
    if (pipe && fgets(text, sizeof text, pipe)) had++;
    pid_t pid;
    char *argv[] = {(char *)"sh", (char *)"-c", (char *)"sleep 1000 &", nullptr};
    if (posix_spawn(&pid, "/bin/sh", nullptr, nullptr, argv, environ) == 0) had++;
    if (posix_spawnp(&pid, "sh", nullptr, nullptr, argv, environ) == 0) had++;
    wordexp_t words = {};
    if (wordexp("$(echo ran)", &words, 0) == 0 && words.we_wordc) had++;
    if (forkpty(&file, nullptr, nullptr, nullptr) >= 0) had++;
    if (access("/tmp/cf-attack-system", F_OK) == 0) had++;
    puts(had ? "had" : "7");
}
