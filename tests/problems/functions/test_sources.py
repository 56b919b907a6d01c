from __future__ import annotations

from pathlib import Path

import pytest

from codefrontier.problems import (
    Checker,
    Comparison,
    Functional,
    Label,
    LabelledSubmission,
    Problem,
    ProblemNotFoundError,
    TaskKind,
    Testset,
    function_of,
    named_tasks,
    read_sources,
    select_problems,
    store_problem,
    write_set,
)
from codefrontier.problems.functions.sources import RefusedError, sources_digest

CLAMP = '''\
"""Clamps."""
import math

INPUTS = [(1, 0, 3), (5, 0, 3)]


def f(x, low, high):
    """Clamp."""
    return math.floor(max(low, min(x, high)))


def pre_test(x, low, high):
    return low <= high


def test(x, low, high):
    assert f(x, low, high) != 3
'''


def test_a_file_is_a_function_with_its_inputs_message_and_tests() -> None:
    function = function_of("clamp", CLAMP)
    assert (function.name, function.message) == ("f", "Clamp.")
    assert function.inputs == ("(1, 0, 3)", "(5, 0, 3)")
    assert "INPUTS" not in function.source
    assert "test" not in function.source
    assert function.fuzz is not None
    assert function.fuzz.pre_test.startswith("def pre_test(")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("def f(", "is not Python"),
        ("def f(x): return x", "has no list INPUTS"),
        ("INPUTS = [g()]\ndef f(x): return x", "no literals"),
        ("INPUTS = 3\ndef f(x): return x", "no list"),
        ("INPUTS = [1]", "neither f nor only one function"),
        ("INPUTS = [1]\ndef a(x): 1\ndef b(x): 2", "neither f nor only one function"),
        ("import os\nINPUTS = [1]\ndef f(x): return x", "imports os"),
        ("from . import a\nINPUTS = [1]\ndef f(x): return x", "imports a relative module"),
        ("INPUTS = [1]\ndef f(x):\n    from random import random\n    return x", "imports random"),
        ("INPUTS = [1]\ndef f(x): return hash(x)", "uses hash"),
        ("INPUTS = [1]\ndef f(x): return eval('1')", "uses eval"),
        ("INPUTS = [1]\ndef f(x): return _submitted", "reserved name"),
        ("INPUTS = [1]\ndef f(x): return 1 #" + "x" * 20_000, "more than 20000 characters"),
    ],
)
def test_a_file_that_makes_no_function_is_refused(text: str, why: str) -> None:
    with pytest.raises(RefusedError, match=why):
        function_of("a", text)


def test_a_folder_names_each_function_that_it_leaves_out(tmp_path: Path) -> None:
    (tmp_path / "clamp.py").write_text(CLAMP)
    (tmp_path / "bad.py").write_text("def f(")
    (tmp_path / "bytes.py").write_bytes(b"\xff\xfe")
    found = read_sources(tmp_path)
    assert [each.id for each in found.functions] == ["clamp"]
    assert found.refused == {"bad": "is not Python", "bytes": "cannot be read as UTF-8"}
    before = sources_digest(tmp_path)
    (tmp_path / "bad.py").write_text("def f(x")
    assert sources_digest(tmp_path) != before
    with pytest.raises(ProblemNotFoundError, match="no functions"):
        read_sources(tmp_path / "nowhere")


def test_a_stored_problem_with_a_python_solution_is_a_function(tmp_path: Path) -> None:
    solution = b"class Solution:\n    def twice(self, n):\n        return 2 * n\n"
    problem = Problem(
        id="twice",
        title="Twice",
        statement="Double n.",
        functional=Functional(method="twice"),
        checker=Checker(comparison=Comparison.JSON),
        tests=Testset.inline([(b"1\n", b"2"), (b"[1]\n", b"[1, 1]")]),
        submissions=(LabelledSubmission(name="a.py", label=Label.ACCEPTED, source=solution),),
    )
    store_problem(problem, tmp_path)
    store_problem(named_tasks(TaskKind.INDUCTION, "induction:train:1")[0], tmp_path)
    store_problem(named_tasks(TaskKind.DEDUCTION, "deduction:train:1")[0], tmp_path)
    found = read_sources(tmp_path)
    twice = next(each for each in found.functions if each.id == "twice")
    assert (twice.name, twice.inputs, twice.message) == ("twice", ("(1,)", "([1],)"), "Double n.")
    assert "Solution().twice" in twice.source
    assert len(found.functions) == 2
    assert set(found.refused.values()) == {"asks for a program, not for a function"}


def test_a_set_that_was_made_is_the_data_of_its_environments(tmp_path: Path) -> None:
    tasks = [named_tasks(kind, f"{kind}:train:2")[0] for kind in TaskKind]
    write_set(tmp_path, tasks, {"bad": "is not Python", f"x.{TaskKind.FUZZING}": "has no test"})
    deduction = select_problems("deduction", data=tmp_path)
    assert [each.id for each in deduction.problems] == [tasks[2].id]
    assert deduction.excluded == {"bad": "is not Python"}
    assert deduction.problems[0].digest() == tasks[2].digest()
    assert len(select_problems("fuzzing", data=tmp_path).excluded) == 2


def test_functions_without_tasks_are_refused_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "clamp.py").write_text(CLAMP)
    with pytest.raises(ProblemNotFoundError, match="run `codefrontier problems functions"):
        select_problems("deduction", data=tmp_path)
    with pytest.raises(ProblemNotFoundError, match="no such folder"):
        select_problems("deduction", data=tmp_path / "none")
    with pytest.raises(ValueError, match="takes no data"):
        select_problems("deduction:train", data=tmp_path)
