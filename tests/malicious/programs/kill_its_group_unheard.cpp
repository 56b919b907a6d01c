// RTE TLE
// Stops and kills the group it was started in, before anything else.
#include <initializer_list>
#include <csignal>
#include <unistd.h>
int main() {
    for (int number : {SIGSTOP, SIGTSTP, SIGINT, SIGKILL}) killpg(getpgrp(), number);
    kill(0, SIGKILL);
}
