# RTE WA
# Closes every file, opens others in their places, and ends with an error.
import os
os.closerange(0, 300)
for _ in range(100): os.open("/dev/zero", os.O_RDWR)
os._exit(1)
