# RTE TLE MLE
# Starts threads without end.
import threading
gate = threading.Event()
while True: threading.Thread(target=gate.wait).start()
