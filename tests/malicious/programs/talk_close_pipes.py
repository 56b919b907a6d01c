# WA
# Closes all its descriptors and stays.
import os, time

os.closerange(0, 256)
time.sleep(60)
