# WA
# Prints what looks like the judge's answer.
import json, os, struct
header = json.dumps({"exit_status": 0, "confined": True, "collected": [], "blobs": [1, 0, 0]}).encode()
os.write(1, struct.pack(">I", len(header)) + header + b"7")
os.write(2, struct.pack(">I", len(header)) + header + b"7")
