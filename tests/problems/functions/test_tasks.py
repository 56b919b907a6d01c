from __future__ import annotations

import pytest

from codefrontier.problems import (
    Examined,
    Function,
    FuzzTest,
    Label,
    LiteralError,
    Problem,
    TaskKind,
    answer_program,
    answer_text,
    as_strict,
    asks_for_literal,
    hidden_answer,
    make_task,
    read_answer,
    submitted_literal,
    task_kind,
)

SOURCE = "def f(x):\n    return abs(x)\n"
FUZZ = FuzzTest(pre_test="def pre_test(x):\n    return x < 0\n", test="def test(x):\n    return f(x) != 3\n")


def examined(**changes: object) -> Examined:
    function = Function(
        id="size", source=SOURCE, inputs=("(3,)", "(-3,)", "(4,)", "(0,)", "(-5,)"), fuzz=FUZZ
    )
    fields = {
        "function": function,
        "outputs": ("3", "3", "4", "0", "5"),
        "witnesses": ("(-3,)",),
        "misses": ("(4,)",),
    }
    return Examined(**{**fields, **changes})  # type: ignore[arg-type]


def task(kind: TaskKind) -> Problem:
    made = make_task(examined(), kind)
    assert made is not None
    return made


def test_induction_shows_some_pairs_and_asks_for_all() -> None:
    problem = task(TaskKind.INDUCTION)
    assert (len(problem.samples), len(problem.tests)) == (2, 5)
    assert SOURCE not in problem.statement
    assert not asks_for_literal(problem)
    assert problem.submissions[0].source.decode() == SOURCE


@pytest.mark.parametrize("kind", [TaskKind.ABDUCTION, TaskKind.DEDUCTION, TaskKind.FUZZING])
def test_a_literal_becomes_the_program_that_is_judged(kind: TaskKind) -> None:
    problem = task(kind)
    solution = hidden_answer(problem)
    assert solution is not None
    assert answer_program(problem, solution) == problem.submissions[0].source.decode()
    other = read_answer(problem, "12345")
    assert submitted_literal(answer_program(problem, other)) == other
    assert read_answer(problem, answer_text(problem, solution)) == solution
    with pytest.raises(LiteralError):
        read_answer(problem, "print(1)")


def test_the_hidden_answer_of_deduction_is_not_in_the_statement() -> None:
    problem = task(TaskKind.DEDUCTION)
    assert "abs(x)" in problem.statement
    assert problem.tests[0].answer().decode() == hidden_answer(problem)
    assert problem.statement.count("```python") == 2


def test_strict_abduction_compares_the_original_input() -> None:
    problem = task(TaskKind.ABDUCTION)
    strict = as_strict(problem)
    assert strict.tests[0].answer().decode() == hidden_answer(problem) == hidden_answer(strict)
    assert "abs" not in answer_program(strict, "(1,)")
    assert strict.digest() != problem.digest()
    labels = {each.name: each.label for each in strict.submissions}
    others = {each.name for each in problem.submissions} - {"answer.py"}
    assert labels == {"answer.py": Label.ACCEPTED, **dict.fromkeys(others, Label.WRONG_ANSWER)}
    assert "wrong.py" in others
    assert as_strict(strict) is strict
    deduction = task(TaskKind.DEDUCTION)
    assert as_strict(deduction) is deduction


@pytest.mark.parametrize(
    ("changes", "kind", "why"),
    [
        ({"outputs": ("3", "3", "3", "3", "3")}, TaskKind.DEDUCTION, "all outputs are equal"),
        ({"outputs": ("3", "4", "5", None, None)}, TaskKind.INDUCTION, "fewer than 4 inputs"),
        ({"witnesses": ()}, TaskKind.FUZZING, "no input was found"),
        ({"function": Function(id="a", source=SOURCE), "outputs": ()}, TaskKind.FUZZING, "has no test"),
    ],
)
def test_no_task_is_made_without_an_answer(changes: dict[str, object], kind: TaskKind, why: str) -> None:
    made = examined(**changes)
    assert why in made.obstacle(kind)
    assert make_task(made, kind) is None


def test_a_task_depends_on_its_function_alone() -> None:
    for kind in TaskKind:
        assert task(kind).digest() == task(kind).digest()
        assert task_kind(task(kind)) is kind
        assert {each.label for each in task(kind).submissions} >= {Label.ACCEPTED}


def test_fences_in_a_source_do_not_end_the_block() -> None:
    function = Function(
        id="q", source='def f(x):\n    return "```" * x\n', inputs=("(1,)", "(2,)", "(3,)", "(0,)")
    )
    made = make_task(Examined(function=function, outputs=("1", "2", "3", "4")), TaskKind.DEDUCTION)
    assert made is not None
    assert "````python" in made.statement
