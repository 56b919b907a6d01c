# AC
# Leaves as many links to one file as there may be; right only if /tmp was empty.
import os
found = os.listdir("/tmp")
open("/tmp/cf-attack", "w").close()
try:
    for number in range(100_000): os.link("/tmp/cf-attack", f"/tmp/cf-attack-{number}")
except OSError: pass
print(found or 7)
