# MLE TLE
# Allocates without end, and goes on when refused.
rows = []
size = 1 << 24
while True:
    try: rows.append(b"x" * size)
    except MemoryError: size = max(1, size // 2)
