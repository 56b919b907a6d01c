# MLE TLE
# Takes memory without end while the interactor waits.
kept = []
while True:
    kept.append(bytearray(1 << 20))
