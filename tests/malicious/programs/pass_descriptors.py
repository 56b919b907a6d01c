# AC
# Parks open files in messages between its own sockets, beyond the limit of files; right only if it could not.
import array, os, socket
had = 0
left, right = socket.socketpair()
for sender in (left, right):
    for _ in range(50):
        try:
            sender.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [0, 1, sender.fileno()]))])
            had += 1
        except OSError: break
    try: sender.recvmsg(10, 1000); had += 1
    except OSError: pass
print(had or 7)
