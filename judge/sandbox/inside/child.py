"""What a freshly forked child does before any foreign code runs in it."""

from __future__ import annotations

import ctypes
import os
import resource
from dataclasses import dataclass

from . import kernel
from .root import Identity

MIB = 1 << 20
RESULT_FILE = 3
"""Where a child leaves what it returns: bytecode, a call's value, a file's contents."""
_STACK_RESERVE = 16 * MIB


@dataclass(frozen=True, kw_only=True)
class Caps:
    """Hard caps on one process; what the verdict is judged against lies below them."""

    cpu_s: float
    memory_mib: int
    data_bytes: int
    """Private writable memory, touched or not; it has room above `memory_mib`, which is judged by what is
    touched."""
    address_space: int
    """Bytes of virtual memory, mere reservations included."""
    file_bytes: int
    """Size of any file, standard output included."""
    processes: int


@dataclass(frozen=True, kw_only=True)
class Confinement:
    """Who a child becomes and what the kernel will refuse it."""

    identity: Identity
    filter: ctypes.Structure


def confine(confinement: Confinement, caps: Caps, directory: str) -> None:
    """Apply every restriction to this process, for good."""
    os.chdir(directory)
    os.umask(0o022)
    _set_limits(caps)
    identity = confinement.identity
    if identity.privileged:
        os.setgroups([])
        os.setresgid(identity.uid, identity.uid, identity.uid)
        os.setresuid(identity.uid, identity.uid, identity.uid)
    kernel.drop_capabilities()
    kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
    kernel.install_filter(confinement.filter)


def _set_limits(caps: Caps) -> None:
    cpu_s = int(caps.cpu_s) + 2
    stack = max(8 * MIB, caps.memory_mib * MIB - _STACK_RESERVE)
    for kind, value in (
        (resource.RLIMIT_CPU, cpu_s),
        (resource.RLIMIT_DATA, caps.data_bytes),
        (resource.RLIMIT_AS, caps.address_space),
        (resource.RLIMIT_STACK, stack),
        (resource.RLIMIT_FSIZE, caps.file_bytes),
        (resource.RLIMIT_NOFILE, 256),
        (resource.RLIMIT_NPROC, caps.processes),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_MEMLOCK, 64 * 1024),
        (resource.RLIMIT_MSGQUEUE, 0),
    ):
        _, hard = resource.getrlimit(kind)
        if hard != resource.RLIM_INFINITY:
            value = min(value, hard)
        resource.setrlimit(kind, (value, value))
