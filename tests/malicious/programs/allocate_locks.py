# AC TLE RTE
# Locks every other byte of a file, each lock a piece of the kernel's memory.
import fcntl, time
with open("/tmp/cf-attack-locked", "wb") as file:
    try:
        while time.process_time() < 0.2:
            for at in range(0, 1 << 12, 2): fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, at)
    except OSError: pass
print(7)
