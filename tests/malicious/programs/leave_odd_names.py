# AC
# Leaves files whose names are no text, are very long, or look like options; right only if /tmp was empty.
import os
found = os.listdir(b"/tmp")
for name in (b"\n", b"\xff\xfe", b"-rf", b"a" * 255, b"...", b" ", b"$(id)", b"*", b"\x1b[2J", "é".encode(), b"a\rb"):
    os.mkdir(b"/tmp/" + name)
    open(b"/tmp/" + name + b"/" + name, "w").close()
    os.symlink(name, b"/tmp/loop" + name[:200])
os.symlink("circle", "/tmp/circle")
os.symlink("/proc/self/fd/0/../../../..", "/tmp/out")
print(found or 7)
