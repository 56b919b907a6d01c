# AC
# Changes whatever can be changed on its streams: sizes, flags, owners, leases, seals, locks.
import fcntl, os
F_ADD_SEALS, F_SETPIPE_SZ, F_SETLEASE, F_SETSIG, F_SET_RW_HINT, F_OFD_SETLK = 1033, 1031, 1024, 10, 1036, 37
sealed = []
for file in range(3):
    for command, value in ((F_SETPIPE_SZ, 1 << 30), (F_SETLEASE, fcntl.F_RDLCK), (F_SETLEASE, fcntl.F_WRLCK), (F_SETSIG, 9),
                           (F_SET_RW_HINT, bytes(8)), (fcntl.F_SETOWN, 1), (F_OFD_SETLK, bytes(32)),
                           (fcntl.F_SETFL, os.O_ASYNC | os.O_NONBLOCK | os.O_NOATIME), (fcntl.F_SETFL, os.O_DIRECT)):
        try: fcntl.fcntl(file, command, value)
        except OSError: pass
    for call in (lambda: fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB), lambda: fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)):
        try: call()
        except OSError: pass
    try:
        fcntl.fcntl(file, F_ADD_SEALS, 0xF)
        sealed.append(file)
    except OSError: pass
    fcntl.fcntl(file, fcntl.F_SETFL, os.O_APPEND)
print(sealed or 7)
