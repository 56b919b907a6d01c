# AC
# Leaves shared memory, semaphores and message queues for the next run; right only if there were none.
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
had = []
for name, call in (
    ("shm", lambda: libc.shmget(0x5EC, 4096, 0)),
    ("sem", lambda: libc.semget(0x5EC, 1, 0)),
    ("msg", lambda: libc.msgget(0x5EC, 0)),
    ("mqueue", lambda: libc.syscall(240, b"cf-attack", 2, 0, None)),
):
    if call() >= 0: had.append(name)
libc.shmget(0x5EC, 4096, 0o1777), libc.semget(0x5EC, 1, 0o1777), libc.msgget(0x5EC, 0o1777)
libc.syscall(240, b"cf-attack", 0o102, 0o777, None)
try:
    from multiprocessing import shared_memory
    shared_memory.SharedMemory("cf-attack", create=True, size=4096)
    had.append("posix")
except OSError: pass
print(had or 7)
