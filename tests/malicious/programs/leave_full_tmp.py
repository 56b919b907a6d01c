# AC
# Fills /tmp, in bytes and in files, and leaves folders that are hard to remove.
import os
try:
    for number in range(1000):
        with open(f"/tmp/cf-attack-{number}", "wb") as file: file.write(bytes(1 << 20))
except OSError: pass
os.unlink("/tmp/cf-attack-0")
try:
    for number in range(100_000): open(f"/tmp/cf-attack-small-{number}", "w").close()
except OSError: pass
try:
    os.unlink("/tmp/cf-attack-1")
    deep = "/tmp"
    for _ in range(300): deep += "/deep"; os.mkdir(deep)
    os.chmod("/tmp/deep", 0)
except OSError: pass
print(7)
