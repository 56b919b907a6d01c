# RTE
# Starts other programs, a shell among them, which would outlive the run.
import subprocess
subprocess.Popen(["/bin/sh", "-c", "sleep 1000 & touch /tmp/cf-attack-shell"], start_new_session=True)
print(7)
