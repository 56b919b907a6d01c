# AC RTE WA
# Signals, and changes the limits of, whatever else lives in its PID namespace; stops and traces it.
# WA: in a user namespace the idle first process has the same user, so signals to it are taken, and ignored.
import ctypes, os, resource, signal
libc = ctypes.CDLL(None, use_errno=True)
had = []
for pid in [*range(1, 300), -1]:
    if pid == os.getpid(): continue
    for number in (signal.SIGSTOP, signal.SIGKILL, signal.SIGHUP, 0):
        try:
            os.kill(pid, number)
            if pid > 0: had.append((pid, number))
        except OSError: pass
    if pid > 0 and libc.ptrace(16, pid, 0, 0) == 0: had.append((pid, "ptrace"))
    if pid > 0:
        try: had.append((pid, resource.prlimit(pid, resource.RLIMIT_CPU)))
        except OSError: pass
print(had or 7)
