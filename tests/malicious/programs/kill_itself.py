# RTE
# Ends as by the host's memory killer, after the right answer.
import os, signal
print(7, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
