# AC RTE
# Kills whom it can reach in the middle of a conversation, the interactor too; right only if it reached nobody.
import os, signal

reached = 0
for pid in (os.getppid(), 1, 2, *range(3, 2000)):
    for number in (signal.SIGSTOP, signal.SIGKILL):
        if pid in (0, os.getpid()):
            continue
        try:
            os.kill(pid, number)
            reached += pid > 1  # the first process of the namespace takes no signal from within
        except OSError:
            pass
while (line := input()) != "over":
    print(2 * int(line) + reached, flush=True)
