# AC
# Writes wherever it can; prints the right answer only if that is nowhere but in /tmp.
import os
had = []
for folder, folders, files in os.walk("/"):
    if folder in ("/tmp", "/proc") or folder.count("/") > 3: folders.clear()
    for target in (os.path.join(folder, "cf-attack-file"), *(os.path.join(folder, f) for f in files[:5])):
        if folder in ("/tmp", "/dev") or folder.startswith("/proc"): continue
        try:
            os.close(os.open(target, os.O_WRONLY | os.O_CREAT))
            had.append(target)
        except OSError: pass
for change in (lambda: os.chmod("/dev/null", 0), lambda: os.mkdir("/new"), lambda: os.rename("/usr", "/usr2"),
               lambda: os.symlink("/tmp", "/dev/cf-attack"), lambda: os.unlink("/etc/passwd"),
               lambda: os.utime("/"), lambda: os.link("/etc/passwd", "/tmp/passwd") or os.chmod("/tmp/passwd", 0o777)):
    try:
        change()
        had.append("change")
    except OSError: pass
print(had or 7)
