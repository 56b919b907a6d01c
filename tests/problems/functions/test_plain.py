"""Tasks about functions without prose."""

from __future__ import annotations

import pytest

from codefrontier.problems import (
    Examined,
    Function,
    FuzzTest,
    Problem,
    TaskKind,
    as_strict,
    load_classic,
    make_task,
    plain_task,
)

SOURCE = 'def f(x, y):\n    """A fence: ```."""\n\n    return abs(x) + y\n'
PRE_TEST = "def pre_test(x, y):\n    return x < 0\n"
TEST = "def test(x, y):\n    return f(x, y) != 3\n"


def task(kind: TaskKind, message: str = "Add.") -> Problem:
    inputs = ("(3, 0)", "(-3, 0)", "(4, -1)", "(0, 1)")
    function = Function(
        id="size",
        source=SOURCE,
        message=message,
        inputs=inputs,
        fuzz=FuzzTest(pre_test=PRE_TEST, test=TEST),
    )
    made = make_task(
        Examined(function=function, outputs=("3", "3", "3", "1"), witnesses=inputs[1:2], misses=inputs[2:3]),
        kind,
    )
    assert made is not None
    return made


def test_literal_tasks_show_their_code_as_it_is() -> None:
    source = SOURCE.rstrip()
    assert plain_task(task(TaskKind.FUZZING)) == f"fuzzing\n{source}\n{PRE_TEST}{TEST}".rstrip()
    title, *lines, call = plain_task(task(TaskKind.DEDUCTION)).split("\n")
    assert (title, "\n".join(lines)) == ("deduction", source)
    assert call in {"f(3, 0)", "f(-3, 0)", "f(4, -1)", "f(0, 1)"}
    abduction = task(TaskKind.ABDUCTION)
    shown = plain_task(abduction)
    assert shown in {f"abduction\n{source}\n{output}" for output in "13"}
    assert plain_task(as_strict(abduction)) == shown.replace("abduction", "abduction strict")


def test_induction_shows_the_message_and_the_samples() -> None:
    pairs = {"f(3, 0) == 3", "f(-3, 0) == 3", "f(4, -1) == 3", "f(0, 1) == 1"}
    title, message, *shown = plain_task(task(TaskKind.INDUCTION)).split("\n")
    assert (title, message) == ("induction", "Add.")
    assert len(shown) == 2
    assert set(shown) < pairs
    assert plain_task(task(TaskKind.INDUCTION, message="")).split("\n") == [title, *shown]


def test_other_problems_have_no_plain_form() -> None:
    with pytest.raises(ValueError, match="is no task about a function"):
        plain_task(load_classic("pair-sums"))
