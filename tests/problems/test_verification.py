"""Tasks of verification: their form, their files, and edits that keep what a program does."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path

import pytest

from codefrontier.problems import ProblemError, load_problems
from codefrontier.problems.families.execution import answer
from codefrontier.problems.verification import (
    EDITS,
    Candidate,
    VerificationKind,
    VerificationTask,
    boldness,
    read_tasks,
    rotations,
    task_facts,
    task_problems,
    write_tasks,
)

SUM = "a = list(map(int, input().split()))\ns = 0\nfor x in a:\n    s += x\nprint(s)\n"


def candidate(passed: int, source: str = SUM, selected: int = 6) -> Candidate:
    return Candidate(source=source, language="python", passed=passed, selected=selected)


def task(*passed: int, name: str = "sum--1") -> VerificationTask:
    return VerificationTask(
        id=name,
        kind=VerificationKind.EASY,
        problem_spec="classics/sum",
        title="Sum",
        statement="Print the sum.",
        candidates=tuple(candidate(each, f"# {place}\n{SUM}") for place, each in enumerate(passed)),
    )


def test_a_task_has_exactly_one_right_candidate() -> None:
    assert task(2, 6, 5).right == 2
    for passed in ((6, 6), (1, 2), (6,), (6, 1, 1, 1, 1, 1)):
        with pytest.raises(ValueError, match="candidate"):
            task(*passed)


def test_a_task_is_a_problem_whose_answer_is_the_number_of_the_right_program() -> None:
    problem = task(2, 6, 5).problem()
    (case,) = problem.tests
    assert case.answer() == b"2\n"
    assert [each.source for each in problem.submissions] == [b"print(2)\n", b"print(3)\n"]
    assert "## Program 3 (Python)" in problem.statement
    assert task_facts(problem)["pass_rates"] == [2 / 6, 1.0, 5 / 6]
    assert "print(2)" not in problem.statement


def test_the_question_does_not_show_the_pass_rates() -> None:
    one, other = task(6, 1), task(1, 6)
    assert one.question == other.question


def test_a_fence_in_a_program_does_not_end_its_block() -> None:
    programs = (candidate(6, "s = '''\n```\n'''\n"), candidate(1))
    tricky = replace(task(6, 1), candidates=programs)
    assert "````python" in tricky.question


def test_over_all_orders_the_right_candidate_stands_at_every_place_once() -> None:
    orders = rotations(task(1, 6, 2), 3)
    assert [each.right for each in orders] == [2, 3, 1]
    assert [each.id for each in orders] == ["sum--1", "sum--1@1", "sum--1@2"]
    assert [task_facts(each.problem())["turn"] for each in orders] == [0, 1, 2]
    with pytest.raises(ValueError, match="from 1 to 3"):
        rotations(task(1, 6, 2), 4)


def test_a_set_is_written_once_and_read_back(tmp_path: Path) -> None:
    tasks = [task(6, 1), task(1, 6, name="sum--2")]
    write_tasks(tasks, tmp_path / "set", summary={"kind": "easy"})
    assert list(read_tasks(tmp_path / "set")) == tasks
    assert [problem.id for problem in load_problems(tmp_path / "set")] == ["sum--1", "sum--2"]
    assert [p.id for p in load_problems("verification", data=tmp_path / "set")] == ["sum--1", "sum--2"]
    with pytest.raises(ProblemError, match="has tasks already"):
        write_tasks(tasks, tmp_path / "set", summary={})
    with pytest.raises(ProblemError, match="duplicate"):
        write_tasks([tasks[0], tasks[0]], tmp_path / "other", summary={})


def test_a_changed_set_is_refused(tmp_path: Path) -> None:
    write_tasks([task(6, 1)], tmp_path, summary={})
    file = tmp_path / "tasks.jsonl"
    row = json.loads(file.read_text())
    row["candidates"][0]["passed"], row["candidates"][1]["passed"] = 1, 6
    file.write_text(json.dumps(row) + "\n")
    with pytest.raises(ProblemError, match="is not the file"):
        read_tasks(tmp_path)
    (tmp_path / "set.json").unlink()
    assert read_tasks(tmp_path)[0].right == 2
    file.write_text("{}\n")
    with pytest.raises(ProblemError, match=r"line 1"):
        read_tasks(tmp_path)


def test_the_embedded_set_is_balanced() -> None:
    problems = task_problems()
    sizes = {len(json.loads(p.metadata["verification"])["pass_rates"]) for p in problems}
    for size in sizes:
        own = [facts for facts in map(task_facts, problems) if len(facts["pass_rates"]) == size]
        places = [facts["right"] for facts in own]
        assert {places.count(place) for place in range(1, size + 1)} == {len(own) // size}


@pytest.mark.parametrize("name", sorted(EDITS))
def test_an_edit_changes_the_text_and_not_the_output(name: str) -> None:
    edited = EDITS[name](SUM, "python", random.Random(0))
    assert edited is not None
    assert edited != SUM
    assert len(edited) > len(SUM)
    assert answer(edited, b"1 2 3\n") == b"6\n"


def test_renaming_leaves_names_alone_that_are_more_than_variables() -> None:
    source = "def f(a):\n    return a\nfrom math import gcd as g\nx = f(g(4, 6))\nprint(x)\n"
    edited = EDITS["renamed"](source, "python", random.Random(0))
    assert edited is not None
    assert "def f(a)" in edited
    assert "gcd as g" in edited
    assert "print(x)" not in edited
    assert EDITS["renamed"]("print(1", "python", random.Random(0)) is None
    assert EDITS["renamed"]("int main(){}", "cpp", random.Random(0)) is None


def test_comments_of_other_languages_have_their_own_mark() -> None:
    edited = EDITS["claim"]("int main(){}\n", "cpp", random.Random(0))
    assert edited is not None
    assert edited.startswith("// ")
    assert boldness(edited, "cpp") > 20
    assert boldness(edited, "python") == 0
    assert EDITS["dead_code"]("class Main{}", "java", random.Random(0)) is None


def test_a_future_import_stays_first() -> None:
    edited = EDITS["dead_code"](f"from __future__ import annotations\n{SUM}", "python", random.Random(1))
    assert edited is not None
    assert edited.startswith("from __future__")
