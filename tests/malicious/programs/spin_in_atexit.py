# TLE
# Does its endless work after the end: in atexit, a thread, and a finalizer.
import atexit, threading
class Last:
    def __del__(self):
        while True: pass
last = Last()
def spin():
    while True: pass
atexit.register(spin)
threading.Thread(target=spin).start()
print(7, flush=True)
