# OLE
# Writes to standard error without end, after the right answer.
import sys
print(7, flush=True)
while True: sys.stderr.write("cf-attack" * 100)
