"""The CPU time of other processes, where they are no ended children of ours."""

from __future__ import annotations

import os
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def tree_cpu_s(ancestor: int, *, itself: bool) -> float:
    """Return the CPU seconds of all processes below one, with those they have waited for, in clock ticks.

    Args:
        ancestor: Its process id.
        itself: Whether its own time counts, too.
    """
    parents, spent = {}, {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            text = Path(f"/proc/{name}/stat").read_text()
        except OSError:
            continue
        values = text.rpartition(")")[2].split()
        parents[int(name)] = int(values[1])
        spent[int(name)] = sum(map(int, values[11:15]))
    below = {ancestor}
    while more := {pid for pid, parent in parents.items() if parent in below} - below:
        below |= more
    return sum(spent.get(pid, 0) for pid in (below if itself else below - {ancestor})) / _TICKS
