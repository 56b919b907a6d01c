"""Tasks of Harbor: their files, and their verifier, which runs with an interpreter of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Callable
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from codefrontier.problems import Checker, Comparison, Dialect, Problem, ProblemError, Testset
from codefrontier.problems.checkers import make_python_checker
from codefrontier.problems.command import ExportCommand
from codefrontier.problems.exporting.harbor import export_task
from codefrontier.problems.model import Label, LabelledSubmission, Validator

ProblemMaker = Callable[..., Problem]
# As root, the verifier runs programs as another user, who must be able to start the interpreter.
PYTHON = "/usr/bin/python3" if os.geteuid() == 0 else sys.executable
ECHO = b"print(input())\n"
VALIDATE = b"""\
import sys
given = open(sys.argv[1]).read().split()
sys.exit(42 if sorted(sys.stdin.read().split()) == sorted(given) else 43)
"""


def solved_by(problem: Problem, source: bytes, name: str = "reference.py", **changes: Any) -> Problem:
    accepted = LabelledSubmission(name=name, label=Label.ACCEPTED, source=source)
    return replace(problem, submissions=(accepted,), **changes)


@pytest.fixture
def echo(problem_of: ProblemMaker) -> Problem:
    """A problem that asks for its input; its sample is no hidden test."""
    problem = problem_of((b"7341 8\n", b"7341 8\n"), (b"x\n", b"x\n"), time_s=0.5)
    return solved_by(problem, ECHO, samples=Testset.inline([(b"1\n", b"1\n")], prefix="sample/"))


def judge(task: Path, source: str | None, suffix: str = "py", *, where: Path) -> tuple[int, str, list[str]]:
    """Run the verifier on a program; return its status, the reward and the verdicts."""
    app, logs = where / "app", where / "logs"
    app.mkdir()
    if source is not None:
        (app / f"solution.{suffix}").write_text(source)
    words = [PYTHON, "-m", "verifier", ".", str(app), str(logs)]
    done = subprocess.run(words, cwd=task / "tests", capture_output=True, text=True, check=False)
    if done.returncode:
        assert not (logs / "reward.txt").exists()
        return done.returncode, done.stderr, []
    verdicts = json.loads((logs / "verdicts.json").read_text())
    return 0, (logs / "reward.txt").read_text().strip(), verdicts


def test_a_task_has_its_hidden_tests_in_one_folder_only(echo: Problem, tmp_path: Path) -> None:
    folder = export_task(echo, tmp_path / "tasks", image="local:1")
    config = tomllib.loads((folder / "task.toml").read_text())
    assert config["task"]["name"] == "codefrontier/made-up"
    assert config["verifier"]["environment_mode"] == "separate"
    assert config["artifacts"] == ["/app/solution.py"]
    assert (folder / "environment/Dockerfile").read_text() == "FROM local:1\nWORKDIR /app\n"
    assert "/app/solution.py" in (folder / "instruction.md").read_text()
    for script in ("tests/test.sh", "solution/solve.sh"):
        assert os.access(folder / script, os.X_OK)
    for path in folder.rglob("*"):
        if path.is_file() and "tests" not in path.relative_to(folder).parts[:1]:
            assert b"7341" not in path.read_bytes(), path
    with pytest.raises(ProblemError, match="there already; remove it first"):
        export_task(echo, tmp_path / "tasks")


@pytest.mark.parametrize(
    ("source", "reward", "verdicts"),
    [
        ("print(input())", "1", ["AC", "AC"]),
        ("print('x')", "0", ["WA", "AC"]),
        ("import sys; sys.exit(input() != 'x')", "0", ["RTE", "WA"]),
        (None, "0", ["no_code", "no_code"]),
    ],
)
def test_a_program_has_its_verdicts_and_its_reward(
    echo: Problem, tmp_path: Path, source: str | None, reward: str, verdicts: list[str]
) -> None:
    task = export_task(echo, tmp_path / "tasks")
    assert judge(task, source, where=tmp_path) == (0, reward, verdicts)


@pytest.mark.parametrize(
    ("source", "limits", "verdict"),
    [
        ("while True: pass", {"time_s": 0.05}, "TLE"),
        ("import time; time.sleep(60)", {"time_s": 0.05}, "TLE"),
        ("x = bytearray(200 << 20); print(input())", {"time_s": 5.0, "memory_mib": 128}, "MLE"),
        ("x = bytearray(1 << 36)", {"time_s": 5.0}, "MLE"),
        ("import sys; sys.stdout.write('x' * (9 << 20))", {"time_s": 5.0}, "OLE"),
    ],
)
def test_limits_are_those_of_the_problem(
    problem_of: ProblemMaker, tmp_path: Path, source: str, limits: dict[str, float], verdict: str
) -> None:
    problem = solved_by(problem_of((b"1\n", b"1\n"), **limits), ECHO)
    task = export_task(problem, tmp_path / "tasks")
    assert judge(task, source, where=tmp_path) == (0, "0", [verdict])


def test_cpp_is_compiled(echo: Problem, tmp_path: Path) -> None:
    source = "#include <iostream>\nint main() { std::string s; getline(std::cin, s); std::cout << s; }"
    task = export_task(solved_by(echo, source.encode(), "a.cpp"), tmp_path / "tasks")
    assert "g++" in (task / "environment/Dockerfile").read_text()
    assert judge(task, source, "cpp", where=tmp_path) == (0, "1", ["AC", "AC"])
    (tmp_path / "two").mkdir()
    assert judge(task, "int main( {", "cpp", where=tmp_path / "two") == (0, "0", ["CE", "CE"])


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can run programs as another user")
def test_a_program_cannot_read_the_tests(echo: Problem, tmp_path: Path) -> None:
    task = export_task(echo, tmp_path / "tasks")
    peek = f"print(open('{task}/tests/data/0001.ans').read())"
    assert judge(task, peek, where=tmp_path)[2] == ["RTE", "RTE"]
    (tmp_path / "two").mkdir()
    included = f'#include <cstdio>\nint main() {{ puts(\n#include "{task}/tests/data/0001.ans"\n); }}'
    assert judge(task, included, "cpp", where=tmp_path / "two")[2] == ["CE", "CE"]


def test_checkers_of_the_problem_decide(echo: Problem, tmp_path: Path) -> None:
    by_function = make_python_checker(
        "def check(given, output, answer):\n    return output.split()[::-1] == given.split(), 'why'\n"
    )
    validator = Validator(files={"validate.py": VALIDATE}, language="python", flags=("flag",))
    by_program = Checker(comparison=Comparison.VALIDATOR, validator=validator)
    reverse = "print(*input().split()[::-1])"
    for name, checker in (("function", by_function), ("program", by_program)):
        task = export_task(replace(echo, checker=checker), tmp_path / name)
        where = tmp_path / f"{name}-right"
        where.mkdir()
        assert judge(task, reverse, where=where) == (0, "1", ["AC", "AC"])
        where = tmp_path / f"{name}-wrong"
        where.mkdir()
        assert judge(task, "print(1)", where=where) == (0, "0", ["WA", "WA"])


def test_a_broken_checker_gives_no_reward(echo: Problem, tmp_path: Path) -> None:
    validator = Validator(files={"validate.py": b"raise SystemExit(1)\n"}, language="python")
    broken = Checker(comparison=Comparison.VALIDATOR, validator=validator)
    task = export_task(replace(echo, checker=broken), tmp_path / "tasks")
    status, told, _ = judge(task, "print(input())", where=tmp_path)
    assert status == 2
    assert "error: the checker ended with status 1" in told


def test_methods_are_called_with_json(problem_of: ProblemMaker, tmp_path: Path) -> None:
    cases = [(b"[1, 2]\n3\n", b"6"), (b"[]\n0.5\n", b"0.5")]
    problem = problem_of(*cases, method="total", checker=Checker(comparison=Comparison.JSON))
    right = """\
class Solution:
    def total(self, xs: List[int], y):
        print("noise")
        return sum(xs) + y
"""
    task = export_task(solved_by(problem, right.encode()), tmp_path / "tasks")
    assert judge(task, right, where=tmp_path) == (0, "1", ["AC", "AC"])
    (tmp_path / "two").mkdir()
    assert judge(task, right.replace("+ y", ""), where=tmp_path / "two") == (0, "0", ["WA", "WA"])


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"submissions": ()}, "has no accepted program in Python or C\\+\\+ \\(none\\)"),
        ({"dialect": Dialect.LCB}, "rules of LiveCodeBench's grader"),
        ({"id": "..a"}, "its id cannot name a task"),
        (
            {
                "passes": 2,
                "checker": Checker(
                    comparison=Comparison.VALIDATOR,
                    validator=Validator(files={"v.py": b""}, language="python"),
                ),
            },
            "up to 2 passes",
        ),
        (
            {
                "checker": Checker(
                    comparison=Comparison.VALIDATOR,
                    validator=Validator(files={"v.java": b""}, language="java"),
                )
            },
            "its checker is written in java",
        ),
        ({"checker": Checker(float_tolerance=0.1)}, "float_tolerance"),
    ],
)
def test_what_a_task_cannot_keep_is_refused(
    echo: Problem, tmp_path: Path, changes: dict[str, Any], told: str
) -> None:
    with pytest.raises(ProblemError, match=told):
        export_task(replace(echo, **changes), tmp_path / "tasks")
    assert not (tmp_path / "tasks").exists() or not list((tmp_path / "tasks").iterdir())


def test_a_limit_of_cost_is_refused(echo: Problem, tmp_path: Path) -> None:
    with pytest.raises(ProblemError, match="it limits the cost of a run"):
        export_task(replace(echo, limits=replace(echo.limits, cost=5)), tmp_path)


def test_the_command_exports_some_problems_and_can_skip_others(
    package: Callable[..., Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    package({"submissions/accepted/a.py": "print(sum(map(int, input().split())))"}, name="set/good")
    root = package(name="set/bare").parent
    assert ExportCommand(set=str(root), to=tmp_path / "one", format="harbor").run() == 2
    assert "bare: cannot be a task of Harbor: it has no accepted program" in capsys.readouterr().err
    assert ExportCommand(set=str(root), to=tmp_path / "two", format="harbor", skip=True).run() == 0
    said = capsys.readouterr()
    assert said.out == f"1 problems written to {tmp_path / 'two'}\n"
    assert said.err.startswith("left out: bare: cannot be")
    some = ExportCommand(set=str(root), to=tmp_path / "three", format="harbor", problems=("good",))
    assert some.run() == 0
    assert [path.name for path in (tmp_path / "three").iterdir()] == ["good"]
    capsys.readouterr()
    assert ExportCommand(set=str(root), to=tmp_path / "four", problems=("god",)).run() == 2
    assert "the set has no problem 'god'; did you mean 'good'?" in capsys.readouterr().err


@pytest.mark.skipif(not find_spec("harbor"), reason="harbor (tested with 0.26.0) is not installed")
def test_harbor_accepts_the_task(echo: Problem, tmp_path: Path) -> None:
    from harbor.models.task.task import Task

    folder = export_task(echo, tmp_path / "tasks")
    assert Task.is_valid_dir(folder)
    task = Task(folder)
    assert (task.name, task.config.verifier.environment_mode) == ("codefrontier/made-up", "separate")
    assert "Write the complete program" in task.instruction
