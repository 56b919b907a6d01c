# RTE MLE
# Finds the pages it shares with the code around it and writes into all of them, then fails.
import ctypes
with open("/proc/self/maps") as maps: shared = [line.split() for line in maps if line.split()[1].startswith("rw-s")]
for entry in shared:
    start, end = (int(part, 16) for part in entry[0].split("-"))
    ctypes.memset(start, 0xFF, end - start)
print(7)
raise SystemExit(3)
