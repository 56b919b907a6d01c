# RTE
# Sends its process group every signal, as if that were its own, and kills it at last.
import os, signal
others = set(signal.valid_signals()) - {signal.SIGKILL, signal.SIGSTOP}
for number in others:
    try: signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError): pass
for number in others:
    for group in (0, -os.getpgrp(), -os.getpid()):
        try: os.kill(group, number)
        except OSError: pass
print(7, flush=True)
os.kill(0, signal.SIGKILL)
