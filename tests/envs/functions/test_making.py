from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import gymnasium
import pytest

from codefrontier.envs.functions.command import FunctionsCommand
from codefrontier.envs.functions.making import make_tasks, prepare
from codefrontier.judge import Judge
from codefrontier.problems import Function, ProblemNotFoundError, TaskKind, function_of

pytestmark = pytest.mark.sandbox
REFUSED = {
    "def f(s):\n    return ''.join(set(s))\n": "its results differ between runs",
    "count = [0]\n\n\ndef f(s):\n    count[0] += 1\n    return s * count[0]\n": "differ between runs",
    "import random\n\n\ndef f(s):\n    return random.random()\n": "differ between runs",
    "def f(s):\n    return object()\n": "has no output for any input: it returns a object",
    "def f(s):\n    return float('nan')\n": "output beyond the bounds",
    "def f(s):\n    while True:\n        pass\n": "too slow",
    "def f(s):\n    return f(s)\n": "raises RecursionError",
    "def f(s):\n    raise SystemExit\n": "raises SystemExit",
    "1 // 0\n": "raises ZeroDivisionError before it is called",
    "def g(s):\n    return s\n": "raises KeyError",
}
GOOD = '''\
INPUTS = ["abc", "b", "hello", "xyz", "", "aa"]


def f(s):
    """Reverse."""
    print("noise")
    return (s[::-1], len(s), {c: s.count(c) for c in s}, set(s))


def pre_test(s):
    return len(s) < 9


def test(s):
    assert f(s)[0] != "cba"
'''


@pytest.fixture(scope="module")
def judge() -> Iterator[Judge]:
    with Judge() as judge:
        yield judge


def function(name: str, source: str) -> Function:
    return Function(
        id=name, source=source, inputs=tuple(f"({text!r},)" for text in ("abcdef", "hello", "xyzw", "qrst"))
    )


@pytest.mark.parametrize("source", REFUSED)
def test_a_function_without_results_that_repeat_is_refused(source: str, judge: Judge) -> None:
    made = make_tasks([function("a", source)], judge)
    assert made.problems == ()
    assert REFUSED[source] in made.refused["a"]
    assert sum(made.reasons.values()) == 1


def test_a_function_gives_a_task_of_each_kind(judge: Judge) -> None:
    both = [make_tasks([function_of("reverse", GOOD)], judge) for _ in range(2)]
    assert [problem.metadata["task"] for problem in both[0].problems] == list(TaskKind)
    assert [problem.digest() for problem in both[0].problems] == [
        problem.digest() for problem in both[1].problems
    ]
    assert both[0].refused == {}


def test_an_input_that_fails_is_searched_for(judge: Judge) -> None:
    text = GOOD.replace('!= "cba"', "!= 'cbaa'").replace('["abc"', '["aabc", "abc"')
    made = make_tasks([function_of("reverse", text)], judge, kinds=[TaskKind.FUZZING])
    assert len(made.problems) == 1
    none = make_tasks(
        [function_of("reverse", text.replace("cbaa", "never made"))], judge, kinds=[TaskKind.FUZZING]
    )
    assert none.refused == {"reverse.fuzzing": "no input was found that fails the test"}


def test_a_folder_of_files_is_the_data_of_an_environment(
    tmp_path: Path, judge: Judge, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = tmp_path / "functions"
    folder.mkdir()
    (folder / "reverse.py").write_text(GOOD)
    (folder / "bad.py").write_text("def f(")
    env = gymnasium.make("Deduction-single", data=folder, judge=judge).unwrapped
    assert env.get_wrapper_attr("excluded") == {"bad": "is not Python"}
    env.reset(seed=1)
    env.close()
    assert prepare(folder) == prepare(folder, judge=judge)  # from the cache, without a judge
    with pytest.raises(ProblemNotFoundError):
        gymnasium.make("Deduction-single", data=tmp_path / "none")
    out = tmp_path / "out"
    assert FunctionsCommand(source=folder, out=out, json=True).run() == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["tasks"] == dict.fromkeys(map(str, TaskKind), 1)
    assert printed["refused"] == {"bad": "is not Python"}
    assert FunctionsCommand(source=folder, out=out).run() == 2
    assert "tasks were made here before" in capsys.readouterr().err
    assert FunctionsCommand(source=tmp_path / "none", out=tmp_path / "x").run() == 2
