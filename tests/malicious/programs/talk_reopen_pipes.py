# AC WA RTE
# Opens the other ends of its pipes, to answer itself and to keep both from ever ending.
import os

ends = []
for file, flags in ((0, os.O_WRONLY), (1, os.O_RDONLY)):
    try:
        ends.append(os.open(f"/proc/self/fd/{file}", flags | os.O_NONBLOCK))
    except OSError:
        pass
while (line := input()) != "over":
    print(2 * int(line), flush=True)
