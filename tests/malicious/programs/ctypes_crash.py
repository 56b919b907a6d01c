# RTE
# Reads, writes and runs memory that is not its own.
import ctypes
print(7, flush=True)
ctypes.memset(id(type), 0, 4096)
ctypes.CFUNCTYPE(None)(id(print))()
ctypes.string_at(0)
