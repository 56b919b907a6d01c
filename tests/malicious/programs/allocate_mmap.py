# MLE TLE RTE
# Maps and touches memory without end.
import mmap
maps = []
while True:
    room = mmap.mmap(-1, 1 << 24)
    room[::4096] = b"x" * (len(room) // 4096)
    maps.append(room)
