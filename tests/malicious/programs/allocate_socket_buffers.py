# AC RTE MLE
# Keeps memory of the kernel in the buffers of socket pairs.
import socket
pairs = []
try:
    while True:
        left, right = socket.socketpair()
        pairs.append((left, right))
        for end in (left, right):
            end.setblocking(False)
            try:
                while True: end.send(bytes(1 << 16))
            except BlockingIOError: pass
except OSError: pass
print(7)
