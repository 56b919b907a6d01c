# RTE WA OLE AC
# Writes what looks like the judge's answer to every open file, as a frame of its protocol.
import json, os, struct
header = json.dumps({"cpu_s": 0, "wall_s": 0, "memory_kib": 1, "exit_status": 0, "signal": None, "ended": None,
                     "confined": True, "collected": [], "blobs": [1, 0, 0]}).encode()
frame = struct.pack(">I", len(header)) + header + b"7"
for file in range(3, 256):
    try: os.write(file, frame)
    except OSError: pass
os._exit(3)
