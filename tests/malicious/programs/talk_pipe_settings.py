# AC
# Changes what it can of the pipes: size, blocking, who is signalled, locks.
import fcntl, os, signal

for file in (0, 1):
    for call, value in (
        (fcntl.F_SETPIPE_SZ, 4096),
        (fcntl.F_SETPIPE_SZ, 1 << 20),
        (fcntl.F_SETFL, os.O_NONBLOCK | os.O_ASYNC),
        (fcntl.F_SETOWN, 1),
        (fcntl.F_SETSIG, signal.SIGKILL),
        (fcntl.F_SETLEASE, fcntl.F_WRLCK),
        (fcntl.F_SETFL, 0),
    ):
        try:
            fcntl.fcntl(file, call, value)
        except OSError:
            pass
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        pass
while (line := input()) != "over":
    print(2 * int(line), flush=True)
