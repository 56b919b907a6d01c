"""What one test costs: our judge against starting a process per test, all in one interleaved run.

Each round judges the same trivial program on the same tests with every method, in random order. The
figure to trust is CPU time per test (user + system of everything involved, the caller included): it
repeats on a busy machine, while tests per second do not. The last line is JSON.

    python benchmarks/perf/judge_throughput.py [--quick]
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from codefrontier.judge import Judge, Language, Submission, Verdict
from codefrontier.problems import Problem, Testset

PYTHON = "import sys\nprint(sum(map(int, sys.stdin.read().split())))\n"
CPP = """
#include <cstdio>
int main() {
  long sum = 0, x;
  while (scanf("%ld", &x) == 1) sum += x;
  printf("%ld\\n", sum);
}
"""
BWRAP = (
    "--unshare-all --die-with-parent --new-session --clearenv --ro-bind / / --proc /proc --dev /dev "
    "--tmpfs /tmp"
)
Method = Callable[[], None]


@dataclass(frozen=True, kw_only=True)
class Cost:
    """Medians over the rounds."""

    cpu_ms: float
    """CPU milliseconds per test."""
    tests_per_s: float


def main() -> None:
    """Measure and print a table, then one line of JSON."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="few rounds: under a minute")
    parser.add_argument("--tests", type=int, default=40, help="tests per judgement")
    arguments = parser.parse_args()
    rounds = 5 if arguments.quick else 15
    inputs = [f"{seed} {seed * 7}\n".encode() for seed in range(arguments.tests)]
    with tempfile.TemporaryDirectory() as folder, Judge() as judge:
        methods = _methods(judge, inputs, Path(folder))
        costs = _measure(methods, judge, rounds, arguments.tests)
    _print(costs, rounds)


def _methods(judge: Judge, inputs: list[bytes], folder: Path) -> dict[str, Method]:
    answers = [b"%d\n" % sum(map(int, data.split())) for data in inputs]
    problem = Problem(
        id="sum", title="Sum", statement="", tests=Testset.inline(list(zip(inputs, answers, strict=True)))
    )
    source, binary = folder / "main.py", folder / "main"
    source.write_text(PYTHON)
    (folder / "main.cpp").write_text(CPP)
    subprocess.run(["g++", "-O2", "-std=c++20", "-o", binary, folder / "main.cpp"], check=True)
    interpreter = os.path.realpath(sys._base_executable)  # type: ignore[attr-defined]  # no version manager's shim
    commands = {
        "python": [interpreter, str(source)],
        "python -S -E -I": [interpreter, "-S", "-E", "-I", str(source)],
        "cpp": [str(binary)],
    }

    def ours(language: Language, text: str) -> Method:
        submission = Submission(source=text.encode(), language=language)

        def run() -> None:
            verdict = judge.judge(problem, submission).verdict
            assert verdict is Verdict.ACCEPTED, verdict

        return run

    methods = {"judge, python": ours(Language.PYTHON, PYTHON), "judge, cpp": ours(Language.CPP, CPP)}
    for name, command in commands.items():
        methods[f"subprocess.run, {name}"] = _subprocesses(command, inputs, answers)
        methods[f"posix_spawn, {name}"] = _spawns(command, inputs, answers, folder)
    if bwrap := shutil.which("bwrap"):
        for name in ("python", "cpp"):
            bound = [bwrap, *BWRAP.split(), "--ro-bind", str(folder), "/tmp/p", *commands[name][:-1]]
            bound.append(f"/tmp/p/{Path(commands[name][-1]).name}")
            methods[f"bubblewrap, {name}"] = _subprocesses(bound, inputs, answers)
    return methods


def _subprocesses(command: list[str], inputs: list[bytes], answers: list[bytes]) -> Method:
    def run() -> None:
        for data, answer in zip(inputs, answers, strict=True):
            output = subprocess.run(command, input=data, capture_output=True, check=True).stdout
            assert output.split() == answer.split()

    return run


def _spawns(command: list[str], inputs: list[bytes], answers: list[bytes], folder: Path) -> Method:
    source, target = folder / "input", folder / "output"

    def run() -> None:
        for data, answer in zip(inputs, answers, strict=True):
            source.write_bytes(data)
            actions = [
                (os.POSIX_SPAWN_OPEN, 0, str(source), os.O_RDONLY, 0),
                (os.POSIX_SPAWN_OPEN, 1, str(target), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600),
            ]
            pid = os.posix_spawn(command[0], command, {}, file_actions=actions)
            _, status = os.waitpid(pid, 0)
            assert status == 0
            assert target.read_bytes().split() == answer.split()

    return run


def _measure(methods: dict[str, Method], judge: Judge, rounds: int, tests: int) -> dict[str, Cost]:
    samples: dict[str, list[tuple[float, float]]] = {name: [] for name in methods}
    order = random.Random(0)
    for count in range(rounds + 1):
        for name in order.sample(list(methods), len(methods)):
            cpu, wall = _cpu_s(judge), time.perf_counter()
            methods[name]()
            if count:  # the first round warms up
                samples[name].append((_cpu_s(judge) - cpu, time.perf_counter() - wall))
    return {
        name: Cost(
            cpu_ms=statistics.median(cpu for cpu, _ in pairs) / tests * 1e3,
            tests_per_s=tests / statistics.median(wall for _, wall in pairs),
        )
        for name, pairs in samples.items()
    }


def _cpu_s(judge: Judge) -> float:
    """Return the CPU seconds of this process, its ended children, and the judge's sandboxes."""
    total = judge.cpu_time_s()
    for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN):
        usage = resource.getrusage(who)
        total += usage.ru_utime + usage.ru_stime
    return total


def _print(costs: dict[str, Cost], rounds: int) -> None:
    table = Table("method", "CPU ms per test", "tests/s", "runs per CPU s against subprocess.run")
    for name, cost in sorted(costs.items(), key=lambda item: (item[0].split(", ")[1], item[1].cpu_ms)):
        language = "cpp" if name.endswith("cpp") else "python"
        ratio = costs[f"subprocess.run, {language}"].cpu_ms / cost.cpu_ms
        table.add_row(name, f"{cost.cpu_ms:.2f}", f"{cost.tests_per_s:.0f}", f"{ratio:.2f}x")
    Console().print(table)
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    print(f"medians of {rounds} interleaved rounds, load averages {load}")
    python, started = costs["judge, python"].cpu_ms, costs["subprocess.run, python"].cpu_ms
    figures = {
        "python_cpu_ms": round(python, 3),
        "cpp_cpu_ms": round(costs["judge, cpp"].cpu_ms, 3),
        "subprocess_python_cpu_ms": round(started, 3),
        "subprocess_cpp_cpu_ms": round(costs["subprocess.run, cpp"].cpu_ms, 3),
        "python_speedup_over_subprocess": round(started / python, 2),
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
