# AC
# Makes links in /tmp to files outside it, by path and by descriptor; right only if it could not.
import os
had = []
sources = ["/etc/passwd", "/usr/bin/env", "/dev/null", "/proc/self/exe", "/proc/self/status", "/bin/sh"]
for number, path in enumerate(sources):
    for follow in (True, False):
        try:
            os.link(path, f"/tmp/cf-attack-{number}-{follow}", follow_symlinks=follow)
            if not os.path.islink(f"/tmp/cf-attack-{number}-{follow}"): had.append(path)
        except OSError: pass
    try: os.rename(path, f"/tmp/cf-attack-{number}"); had.append(path)
    except OSError: pass
for file in range(3):
    try:
        os.link(f"/proc/self/fd/{file}", f"/tmp/cf-attack-fd-{file}", follow_symlinks=True)
        had.append(file)
    except OSError: pass
print(had or 7)
