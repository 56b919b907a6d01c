# WA TLE OLE
# Plays right, and floods an interactor that is about to leave with more than it can take.
import os

while (line := input()) != "over":
    print(2 * int(line), flush=True)
os.write(1, b" \n" * (1 << 15))
while True:
    os.write(1, b"x" * (1 << 16))
