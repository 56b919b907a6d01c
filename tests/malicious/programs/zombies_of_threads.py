# AC TLE RTE
# Ends its main thread while others go on.
import ctypes, threading, time
def work():
    time.sleep(1000)
threading.Thread(target=work, daemon=True).start()
print(7, flush=True)
