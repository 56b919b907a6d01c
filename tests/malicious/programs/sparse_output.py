# OLE RTE WA
# Makes its output enormous without writing it.
import os
os.write(1, b"7")
try: os.ftruncate(1, 1 << 50)
except OSError: pass
os.lseek(1, (1 << 40), 0)
os.write(1, b"7")
