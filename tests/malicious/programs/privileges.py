# AC
# Becomes root, takes capabilities, raises limits; right only if nothing worked.
import ctypes, os, resource
libc = ctypes.CDLL(None, use_errno=True)
had = [name for name in ("getuid", "geteuid", "getgid", "getegid") if getattr(os, name)() == 0]
had += ["groups"] if 0 in os.getgroups() else []
for name, call in (
    ("setuid", lambda: os.setuid(0)), ("setgid", lambda: os.setgid(0)), ("setresuid", lambda: os.setresuid(0, 0, 0)),
    ("setgroups", lambda: os.setgroups([0])), ("nice", lambda: os.nice(-5)), ("chown", lambda: os.chown("/tmp", 0, 0)),
    ("affinity", lambda: os.sched_setaffinity(0, {0})), ("setpriority", lambda: os.setpriority(0, 0, -10)),
    ("realtime", lambda: os.sched_setscheduler(0, 1, os.sched_param(1))),
    ("mknod", lambda: os.mknod("/tmp/cf-attack-mem", 0o20666, os.makedev(1, 1))),
    ("limit", lambda: resource.setrlimit(resource.RLIMIT_AS, (-1, -1))),
    ("processes", lambda: resource.setrlimit(resource.RLIMIT_NPROC, (9999, 9999))),
    ("prlimit", lambda: resource.prlimit(1, resource.RLIMIT_CPU, (1, 1))),
    ("oom", lambda: open("/proc/self/oom_score_adj", "w").write("-1000")),
    ("comm", lambda: open("/proc/self/comm", "w").write("cf-attack")),
):
    try:
        call()
        had.append(name)
    except (OSError, ValueError): pass
for line in open("/proc/self/status"):
    if line.startswith(("CapEff", "CapPrm", "CapInh", "CapAmb")) and int(line.split()[1], 16): had.append(line)
    if line.startswith(("NoNewPrivs", "Seccomp:")) and line.split()[1] == "0": had.append(line)
for option in (24, 38 + 1000, 47, 4, 8, 1):  # capabilities, dumpable, keep capabilities, death signal
    if option != 4 and libc.prctl(option, 1, 0, 0, 0) == 0: had.append(f"prctl {option}")
print(had or 7)
