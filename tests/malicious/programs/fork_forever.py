# RTE
# Forks without end, ignoring that it may not.
import os
print(7, flush=True)
made = 0
for _ in range(2000):
    try:
        if os.fork() == 0:
            while True:
                try: os.fork()
                except OSError: pass
        made += 1
    except OSError:
        pass
raise SystemExit(f"forked {made} times" if made else 1)
