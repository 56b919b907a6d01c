# AC
# Reads all memory it inherited for earlier programs, inputs and answers; right only if there are none.
import ctypes, os, re
# Never whole in our own memory, not even as a pattern.
patterns = [re.compile(rest) for rest in (b"SECRET-EAR(?=LIER-SOURCE)", b"SECRET-EAR(?=LIER-INPUT)", b"SECRET-EAR(?=LIER-ANSWER)")]
known = re.compile(b"search all mem(?=ory)")
witness = "".join(("search all", " memory"))
had, seen, sound = [], 0, False
with open("/proc/self/maps") as maps: regions = maps.read().splitlines()
try: memory = open("/proc/self/mem", "rb", 0)
except OSError: memory = None
for line in regions:
    where, mode, offset = line.split()[:3]
    if "r" not in mode or "[v" in line: continue
    start, end = (int(part, 16) for part in where.split("-"))
    if memory is None and line.split()[4] != "0":  # beyond the end of a file is no memory
        try: end = min(end, start + os.path.getsize(line.split()[5]) - int(offset, 16))
        except OSError: continue
    for at in range(start, end, 1 << 20):
        size = min(1 << 20, end - at)
        try: data = os.pread(memory.fileno(), size, at) if memory else ctypes.string_at(at, size)
        except (OSError, OverflowError): continue
        seen += len(data)
        had += [pattern.pattern for pattern in patterns if pattern.search(data)]
        sound = sound or known.search(data) is not None
assert seen > 1 << 22 and sound, "memory could not be searched"
print(had or 7)
