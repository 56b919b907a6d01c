# AC RTE
# Leaves open whatever can be opened: files, pipes, timers, watches, locks.
import fcntl, os, select, signal
kept = []
try:
    while True:
        kept += [os.pipe(), os.eventfd(1), select.epoll(), open("/dev/null")]
except OSError: pass
try: fcntl.flock(0, fcntl.LOCK_EX)
except OSError: pass
signal.setitimer(signal.ITIMER_REAL, 100, 1)
os.write(1, b"7")
os._exit(0)
