# AC
# Reads what it must not; prints the right answer only if it could not.
import glob, os
had = []
for path in ("/etc/shadow", "/etc/hostname", "/etc/machine-id", "/root/.bashrc", "/root/.ssh", "/home", "/var",
             "/boot", "/sys/class", "/run", "/proc/1/environ", "/proc/1/cmdline", "/proc/1/mem", "/proc/cpuinfo",
             "/proc/kcore", "/proc/kmsg", "/proc/sys/kernel", "/proc/sysrq-trigger", "/proc/mounts", "/dev/mem",
             "/dev/kmsg", "/dev/kvm", "/dev/fuse", "/dev/tty", "/dev/ptmx", "/dev/shm", "/opt", "/srv", "/work"):
    try:
        had.append((path, os.listdir(path) if os.path.isdir(path) else open(path, "rb").read(10)))
    except OSError: pass
had = [entry for entry in had if entry[0] != "/proc/mounts" or b"/tmp" not in entry[1]]
if "root:x:0:0::/:" not in open("/etc/passwd").read(): had.append("/etc/passwd")
for path in glob.glob("/proc/[0-9]*/*"):
    pid = path.split("/")[2]
    if pid != os.readlink("/proc/self"):
        try: had.append((path, open(path, "rb").read(10)))
        except OSError: pass
print(had or 7)
