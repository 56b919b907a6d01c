from __future__ import annotations

import json
from itertools import islice

import pytest

from codefrontier.judge import Judge, Submission, Verdict
from codefrontier.judge.submission import Language
from codefrontier.problems import Label, ProblemNotFoundError, find_problem, load_problems
from codefrontier.problems.families import SupplyPart
from codefrontier.problems.families.puzzles import (
    GRID_FAMILIES,
    GridDraw,
    grid_family,
    judge_text,
    make_instance,
    program_problem,
    stream,
)
from codefrontier.problems.families.puzzles.__main__ import ExamineCommand
from codefrontier.problems.families.puzzles.examination import examine


@pytest.mark.parametrize(
    ("name", "count"),
    [("sudoku-4", 150), ("sudoku-6", 60), ("sudoku-9", 10), ("maze-9", 150), ("maze-17", 60)],
)
def test_puzzles_are_unique_and_no_image_is_in_another_part(name: str, count: int) -> None:
    found = examine(grid_family(name), count)
    assert found.sound, found
    assert found.distinct == sum(found.parts.values()) == count
    assert found.parts["train"] > count // 2


@pytest.mark.long
def test_hundreds_of_puzzles_are_unique_in_every_family() -> None:
    for family in GRID_FAMILIES:
        found = examine(family, 300, seed=1)
        assert found.sound, found
        assert found.distinct == 300


def test_the_command_examines(capsys: pytest.CaptureFixture[str]) -> None:
    assert ExamineCommand(family=("maze-9",), count=20).run() == 0
    assert json.loads(capsys.readouterr().out)["instances"] == 20
    assert ExamineCommand(family=("maze-8",)).run() == 2
    assert "maze-13" in capsys.readouterr().err


def test_a_stream_has_different_instances_of_one_part() -> None:
    family = grid_family("sudoku-4")
    drawn = list(islice(stream(family, SupplyPart.TEST, seed=2), 40))
    assert {each.part for each in drawn} == {SupplyPart.TEST}
    assert len({each.puzzle for each in drawn}) == 40
    assert min(each.number for each in drawn) >= 2_000_000
    again = make_instance(family, drawn[7].number)
    assert (again.puzzle, again.solution) == (drawn[7].puzzle, drawn[7].solution)


def test_draws_are_named() -> None:
    problems = load_problems("grids:train:6:3")
    assert [problem.metadata["family"] for problem in problems] == [family.name for family in GRID_FAMILIES]
    assert {problem.metadata["part"] for problem in problems} == {"train"}
    only = load_problems("grids:validation:2:0:maze-9")
    assert [problem.id.rpartition("-")[0] for problem in only] == ["maze-9", "maze-9"]
    assert find_problem(f"grids/{only[0].id}").digest() == only[0].digest()
    assert find_problem("grid-programs/maze-9").title == "Shortest path 9 x 9"


@pytest.mark.parametrize("name", ["grids:exam", "grids:test:0", "grids:test:1:0:sudoku-5", "grids:test:x"])
def test_a_wrong_name_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=r"must be|are named"):
        GridDraw.parse(name)


def test_an_unknown_id_is_answered_with_the_families() -> None:
    with pytest.raises(ProblemNotFoundError, match="maze-17"):
        find_problem("grids/maze-8-1")


def test_an_instance_is_judged_by_the_rules() -> None:
    (problem,) = load_problems("grids:test:1:0:sudoku-4")
    (case,) = problem.tests
    assert judge_text(problem, case.answer().decode()) == (True, "solved")
    assert not judge_text(problem, case.input().decode())[0]
    assert case.input().decode() in problem.statement


def test_the_tests_of_the_programs_are_the_first_instances_of_the_draw() -> None:
    tests = program_problem(grid_family("maze-13")).tests
    drawn = load_problems(f"grids:test:{len(tests)}:0:maze-13")
    assert [case.name for case in tests] == [problem.id for problem in drawn]


@pytest.mark.sandbox
@pytest.mark.parametrize("name", ["sudoku-4", "maze-9", pytest.param("sudoku-9", marks=pytest.mark.long)])
def test_programs_get_the_verdicts_of_their_labels(name: str, judge: Judge) -> None:
    problem = program_problem(grid_family(name))
    assert {each.label for each in problem.submissions} == {Label.ACCEPTED, Label.WRONG_ANSWER}
    for each in problem.submissions:
        submission = Submission(source=each.source, language=Language.of_file(each.name))
        expected = Verdict.ACCEPTED if each.label is Label.ACCEPTED else Verdict.WRONG_ANSWER
        assert judge.judge(problem, submission).verdict is expected, each.name
