# AC
# Takes /tmp away from the next run by its mode; prints the right answer only if it could write there.
import os
open("/tmp/cf-attack-probe", "w").close()
os.unlink("/tmp/cf-attack-probe")
os.chmod("/tmp", 0)
print(7)
