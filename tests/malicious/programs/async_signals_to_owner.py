# AC RTE
# Asks the kernel to signal other processes when files change.
import fcntl, os, signal
for pid in (1, 2, -1, 0):
    try:
        fcntl.fcntl(0, fcntl.F_SETOWN, pid)
        fcntl.fcntl(0, 10, signal.SIGKILL)  # F_SETSIG
        fcntl.fcntl(0, fcntl.F_SETFL, os.O_ASYNC)
        fcntl.fcntl(os.open("/tmp", os.O_RDONLY), fcntl.F_NOTIFY, 0x1F)
    except OSError: pass
open("/tmp/cf-attack-notify", "w").close()
print(7)
