# MLE TLE
# Allocates without end, in a list.
rows = []
while True: rows.append(bytearray(1 << 20))
