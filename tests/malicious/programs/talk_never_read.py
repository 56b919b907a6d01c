# TLE
# Neither reads, nor writes, nor computes.
import time

while True:
    time.sleep(1)
