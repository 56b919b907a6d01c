# AC
# Mounts, unshares, joins namespaces, changes its root; right only if nothing worked.
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
had = []
for name, call in (
    ("mount", lambda: libc.mount(b"none", b"/tmp", b"tmpfs", 0, None)),
    ("bind", lambda: libc.mount(b"/", b"/tmp", None, 4096, None)),
    ("umount", lambda: libc.umount2(b"/proc", 2)),
    ("remount", lambda: libc.mount(b"none", b"/", None, 32 | 4096, None)),
    *((f"unshare {flag:#x}", lambda flag=flag: libc.unshare(flag)) for flag in
      (0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000, 0x10020000)),
    ("chroot", lambda: libc.chroot(b"/tmp")),
    ("pivot", lambda: libc.syscall(155, b"/tmp", b"/tmp")),
    ("fsopen", lambda: libc.syscall(430, b"tmpfs", 0)),
    ("open_tree", lambda: libc.syscall(428, -100, b"/", 1)),
    ("move_mount", lambda: libc.syscall(429, -100, b"/tmp", -100, b"/usr", 0)),
    ("mount_setattr", lambda: libc.syscall(442, -100, b"/", 0, 0, 0)),
    ("open_by_handle", lambda: libc.syscall(304, -100, b"x" * 64, 0)),
    ("sethostname", lambda: libc.sethostname(b"cf-attack", 9)),
    ("swapon", lambda: libc.syscall(167, b"/tmp/x", 0)),
    ("reboot", lambda: libc.syscall(169, 0xFEE1DEAD, 672274793, 0, 0)),
    ("settime", lambda: libc.syscall(227, 0, b"\0" * 16)),
):
    if call() >= 0: had.append(name)
for name in ("net", "mnt", "pid", "user", "uts", "ipc", "cgroup"):
    try:
        file = os.open(f"/proc/self/ns/{name}", os.O_RDONLY)
        if libc.setns(file, 0) >= 0: had.append(f"setns {name}")
    except OSError: pass
print(had or 7)
