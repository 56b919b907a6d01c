# AC
# Writes to all that /proc offers of itself and beyond; right only if nothing took it.
import os
had = []
places = ["/proc/sysrq-trigger", "/proc/sys/kernel/core_pattern", "/proc/sys/vm/drop_caches", "/proc/sys/kernel/hostname", "/proc/self/attr/current"]
for folder, folders, files in os.walk("/proc/self"):
    if folder.count("/") > 4: folders.clear()
    places += [os.path.join(folder, name) for name in files if name not in ("fd", "fdinfo") and "/fd" not in folder]
for path in places:
    for mode in (os.O_WRONLY, os.O_RDWR, os.O_WRONLY | os.O_TRUNC):
        try: file = os.open(path, mode | os.O_NONBLOCK)
        except OSError: continue
        had.append(path)
        os.close(file)
assert len(places) > 20, places
print(had or 7)
