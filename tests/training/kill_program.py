"""A run of reinforcement that is killed at random points and resumed each time, until it is done.

    python kill_program.py FOLDER_OF_CONFTEST SETTINGS_AS_JSON KILLS SEED

Prints the steps after which the run was killed. The parent process does nothing but fork and kill, so that a
new start costs no imports.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
import traceback
from pathlib import Path
from typing import Any

from codefrontier.training.settings import RLSettings
from codefrontier.training.trainer import train

FURTHER_STEPS = 3
"""Largest number of steps that a start takes before it is killed."""
DELAY_S = 0.4
"""Longest time between the last of these steps and the kill."""


def start(chosen: dict[str, Any], parts: Any) -> int:
    """Begin the run, or continue it, in a new process; return its id."""
    child = os.fork()
    if child:
        return child
    status = 1
    try:
        paths = {"out": Path(chosen["out"]), "init": Path(chosen["init"])}
        train(RLSettings(**{**chosen, **paths, "resume": True}), problems=parts.make_stream())
        status = 0
    finally:
        if status:
            traceback.print_exc()
        sys.stderr.flush()
        os._exit(status)


def last_step(out: Path) -> int:
    """Return the last step in the metrics of a run."""
    path = out / "metrics.jsonl"
    lines = path.read_text().splitlines() if path.exists() else []
    return int(json.loads(lines[-1])["step"]) if lines and lines[-1].endswith("}") else 0


def ended(child: int) -> int | None:
    """Return the exit status of a process; None while it runs."""
    found, status = os.waitpid(child, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if found else None


def kill(chosen: dict[str, Any], parts: Any, generator: random.Random) -> int | None:
    """Start the run and kill it at a random point; return its last step, or None if it has ended before."""
    out = Path(chosen["out"])
    checkpoints = sorted(out.glob("checkpoint-*"))
    first = int(checkpoints[-1].name.rpartition("-")[2]) if checkpoints else 0
    goal = first + generator.randint(0, FURTHER_STEPS)
    delay_s = generator.uniform(0, DELAY_S)
    child = start(chosen, parts)
    while last_step(out) < goal:
        if ended(child) is not None:
            return None
        time.sleep(0.01)
    time.sleep(delay_s)
    if ended(child) is not None:
        return None
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return last_step(out)


def main() -> int:
    """Kill the run as often as asked for, let it end, and return its exit status."""
    sys.path.insert(0, sys.argv[1])
    parts = __import__("conftest")
    chosen: dict[str, Any] = json.loads(sys.argv[2])
    generator = random.Random(int(sys.argv[4]))
    killed = [kill(chosen, parts, generator) for _ in range(int(sys.argv[3]))]
    print(json.dumps(killed))
    return os.waitstatus_to_exitcode(os.waitpid(start(chosen, parts), 0)[1])


if __name__ == "__main__":
    sys.exit(main())
