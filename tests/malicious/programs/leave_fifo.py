# AC
# Makes pipes, sockets and devices with names where a judge may look for files; right only if it could not.
import os, socket, stat
had = []
for name in ("input", "program", "output", "stdin"):
    for make in (lambda p: os.mkfifo(p), lambda p: os.mknod(p, stat.S_IFIFO | 0o666), lambda p: os.mknod(p, stat.S_IFSOCK | 0o666),
                 lambda p: os.mknod(p, stat.S_IFCHR | 0o666, os.makedev(1, 8)), lambda p: os.mknod(p, stat.S_IFBLK | 0o666, os.makedev(254, 0))):
        try:
            make(f"/tmp/{name}")
            had.append(name)
        except OSError: pass
print(had or 7)
