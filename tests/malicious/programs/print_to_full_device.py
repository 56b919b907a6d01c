# RTE WA
# Puts a device that is always full in the place of its output.
import os
os.dup2(os.open("/dev/full", os.O_WRONLY), 1)
print(7, flush=True)
