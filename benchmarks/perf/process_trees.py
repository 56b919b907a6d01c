"""The processes that descend from one, and the CPU time of those that are no ended children of ours."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def parents() -> dict[int, int]:
    """Return the parent of every process of this host that has not ended."""
    return {pid: int(values[1]) for pid, values in _statuses() if values[0] != "Z"}


def below(ancestor: int, parent_of: dict[int, int]) -> set[int]:
    """Return the processes that descend from one, by the parent of each."""
    found = {ancestor}
    while more := {pid for pid, parent in parent_of.items() if parent in found} - found:
        found |= more
    return found - {ancestor}


def tree_cpu_s(ancestor: int, *, itself: bool) -> float:
    """Return the CPU seconds of all processes below one, with those they have waited for, in clock ticks.

    Args:
        ancestor: Its process id.
        itself: Whether its own time counts, too.
    """
    parent_of, spent = {}, {}
    for pid, values in _statuses():
        parent_of[pid] = int(values[1])
        spent[pid] = sum(map(int, values[11:15]))
    counted = below(ancestor, parent_of) | ({ancestor} if itself else set())
    return sum(spent.get(pid, 0) for pid in counted) / _TICKS


def _statuses() -> Iterator[tuple[int, list[str]]]:
    """Return of each process the fields of its status, from its state on."""
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            text = Path(f"/proc/{name}/stat").read_text(errors="replace")
        except OSError:  # it has just ended
            continue
        yield int(name), text.rpartition(")")[2].split()
