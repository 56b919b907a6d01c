# AC
# Gives the ends of a pair of sockets names, lets them listen and connect; right only if it could not.
import os, socket
had = []
for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_SEQPACKET):
    left, right = socket.socketpair(socket.AF_UNIX, kind)
    for name, call in (("bind", lambda: left.bind("/tmp/cf-attack-socket")), ("autobind", lambda: right.bind("")),
                       ("abstract", lambda: right.bind("\0cf-attack")), ("listen", lambda: left.listen()), ("accept", left.accept),
                       ("connect", lambda: left.connect("\0/tmp/.X11-unix/X0")), ("peer", left.getpeername),
                       ("credentials", lambda: left.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)),
                       ("sendto", lambda: left.sendto(b"x", "/run/docker.sock")), ("buffer", lambda: left.setsockopt(1, 32, 1 << 30))):
        if name == "sendto" and kind == socket.SOCK_SEQPACKET: continue  # goes to the peer, whatever the name
        try:
            call()
            had.append(name)
        except OSError: pass
for family in (socket.AF_INET, socket.AF_VSOCK, socket.AF_NETLINK, socket.AF_ALG):
    try: had.append(socket.socketpair(family))
    except OSError: pass
print(had or 7)
