# TLE
# Sleeps, and would print the right answer afterwards.
import time
time.sleep(1000)
print(7)
