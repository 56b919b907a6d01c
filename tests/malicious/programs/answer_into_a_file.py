# WA RTE
# Lets a file take the place of its output and prints the answer there.
import os
os.close(1)
assert os.open("/tmp/cf-attack-output", os.O_CREAT | os.O_RDWR) == 1
print(7, flush=True)
os.write(1, b"7\n")
