"""Judge a program on the hidden tests, and write the reward."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import tempfile
from pathlib import Path
from typing import Any

from .checking import Check
from .running import CXX, MIB, NEAR_LIMIT, Bounds, Ending, VerifierError, folder_for_program, run

ATTEMPTS = 3
_LAST_WORDS = 4000
"""Bytes at the end of standard error in which a program says that it is out of memory."""
COMPILE_S = 60.0
"""CPU seconds of a compiler."""
_CALL = '''\
PRELUDE = """
from __future__ import annotations
import bisect, collections, functools, heapq, itertools, math, operator, random, re, string, sys
from bisect import bisect_left, bisect_right, insort
from collections import Counter, OrderedDict, defaultdict, deque
from functools import cache, cmp_to_key, lru_cache, reduce
from heapq import heapify, heappop, heappush, heappushpop, heapreplace, nlargest, nsmallest
from itertools import accumulate, chain, combinations, groupby, permutations, product, zip_longest
from math import ceil, comb, factorial, floor, gcd, inf, isqrt, lcm, log, log2, sqrt
from typing import Any, Dict, List, Optional, Set, Tuple, Union
"""
import json, os, sys
result = os.dup(1)
os.dup2(2, 1)
names = {"__name__": "__main__"}
exec(compile(PRELUDE, "prelude", "exec"), names)
exec(compile(open("main.py", "rb").read(), "main.py", "exec", dont_inherit=True), names)
arguments = [json.loads(line) for line in sys.stdin.buffer.read().split(b"\\n") if line.strip()]
value = getattr(names["Solution"](), sys.argv[1])(*arguments)
with open(result, "wb") as file:
    file.write(json.dumps(value).encode())
'''
"""Calls a method with the JSON values on standard input; prints its value as JSON."""


def main(tests: str = "/tests", app: str = "/app", logs: str = "/logs/verifier") -> int:
    """Judge, write the reward, and return the exit status: 0, or 2 if there is no reward."""
    folder, out = Path(tests).resolve(), Path(logs)
    task = json.loads((folder / "task.json").read_text())
    if os.geteuid() == 0:
        folder.chmod(0o700)
    try:
        with tempfile.TemporaryDirectory(prefix="verify-") as scratch:
            Path(scratch).chmod(0o755)
            verdicts = judge(folder, Path(app), Path(scratch), task)
    except VerifierError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    out.mkdir(parents=True, exist_ok=True)
    (out / "verdicts.json").write_text(json.dumps(verdicts) + "\n")
    solved = bool(verdicts) and all(verdict == "AC" for verdict in verdicts)
    (out / "reward.txt").write_text(f"{int(solved)}\n")
    passed = sum(verdict == "AC" for verdict in verdicts)
    others = sorted(set(verdicts) - {"AC"})
    print(f"{passed} of {len(verdicts)} tests passed" + (f"; {', '.join(others)}" if others else ""))
    return 0


def judge(tests: Path, app: Path, scratch: Path, task: dict[str, Any]) -> list[str]:
    """Return the verdict of each test; a program that is missing or does not compile fails them all."""
    names = [case["name"] for case in task["tests"]]
    command = prepare(app, scratch, task)
    if isinstance(command, str):
        return [command] * len(names)
    own = scratch / "own"
    own.mkdir(mode=0o700)
    checker = Check(tests / "checker", own, task)
    limits = task["limits"]
    bounds = Bounds(
        time_s=limits["time_s"],
        memory_mib=limits["memory_mib"],
        output_bytes=int(limits["output_mib"] * MIB),
        environment=task["environment"],
    )
    return [verdict_on(tests / "data" / name, command, bounds, checker) for name in names]


def prepare(app: Path, scratch: Path, task: dict[str, Any]) -> list[str] | str:
    """Return the command that runs the program, or the verdict without any run."""
    # Only ordinary files: a link could lead to the tests.
    found = [app / f"solution.{suffix}" for suffix in ("py", "cpp")]
    source = next((path for path in found if path.is_file() and not path.is_symlink()), None)
    if source is None:
        return "no_code"
    place = folder_for_program(scratch / "program")
    if source.suffix == ".py":
        shutil.copyfile(source, place / "main.py")
        if task["method"]:
            (place / "call.py").write_text(_CALL)
            return [sys.executable, "-s", "-B", "call.py", task["method"]]
        return [sys.executable, "-s", "-B", "main.py"]
    if task["method"]:
        return "CE"
    shutil.copyfile(source, place / "main.cpp")
    ended = run([*CXX, "main", *task["defines"], "main.cpp"], place, Bounds(COMPILE_S, 4096, 256 * MIB, {}))
    return ["./main"] if ended.status == 0 else "CE"


def verdict_on(case: Path, command: list[str], bounds: Bounds, checker: Check) -> str:
    """Run the program on a test, up to three times near the time limit, and return the verdict."""
    given, answer = case.with_name(f"{case.name}.in"), case.with_name(f"{case.name}.ans")
    output, errors = checker.scratch / "output", checker.scratch / "errors"
    program = checker.scratch.parent / "program"
    best: Ending | None = None
    for _ in range(ATTEMPTS):
        ended = run(command, program, bounds, given=given, output=output, errors=errors)
        if best is None or ended.cpu_s < best.cpu_s:
            best = ended
        if ended.late or not bounds.time_s < best.cpu_s < bounds.time_s * NEAR_LIMIT:
            break
    assert best is not None
    if best.late or best.cpu_s > bounds.time_s or best.status == -signal.SIGXCPU:
        return "TLE"
    if best.memory_mib > bounds.memory_mib or (best.status != 0 and out_of_memory(errors)):
        return "MLE"
    if output.stat().st_size > bounds.output_bytes or best.status == -signal.SIGXFSZ:
        return "OLE"
    if best.status != 0:
        return "RTE"
    return "AC" if checker.accepts(given, output, answer) else "WA"


def out_of_memory(errors: Path) -> bool:
    """Return whether a program says at the end of its standard error that it got no memory."""
    words = errors.read_bytes()[-_LAST_WORDS:]
    return any(message in words for message in (b"MemoryError", b"bad_alloc"))
