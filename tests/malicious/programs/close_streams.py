# RTE WA
# Closes its streams and prints, in Python and below it.
import os, sys
sys.stdin.close(); sys.stdout.close(); sys.stderr.close()
for file in range(3):
    try: os.close(file)
    except OSError: pass
print(7)
