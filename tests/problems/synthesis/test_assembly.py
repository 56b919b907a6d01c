"""The problem that is made of a proposal."""

from __future__ import annotations

from pathlib import Path

from codefrontier.problems import Difficulty, Label, load_problems, store_problem
from codefrontier.problems.synthesis import CHAIN_BANDS, Attempt, Form, Lineage, Proposal, assemble

LINEAGE = Lineage(teacher="t 1", student="s 2", seed="families/x", lineage=3, turn=1, parent="syn-000003-00")
FUNCTION = Proposal(
    title="Sum",
    statement="Add them.",
    form=Form.FUNCTION,
    code="def f(a, b):\n    return a + b\n",
    inputs=([1, 2], [3, 4], [100, 200], [0, 0], [-1, 1]),
)
OUTPUTS = ("3", "7", "300", "0", "0")


def attempts(solved: int, failed: int) -> list[Attempt]:
    right = [Attempt(label=Label.ACCEPTED, source=b"right", digest="r")] * solved
    return right + [Attempt(label=Label.WRONG_ANSWER, source=b"wrong", digest="w")] * failed


def test_a_function_becomes_an_ordinary_problem_on_disk(tmp_path: Path) -> None:
    problem = assemble(
        FUNCTION, OUTPUTS, problem_id="syn-000003-01", lineage=LINEAGE, attempts=attempts(8, 24)
    )
    store_problem(problem, tmp_path)
    [found] = load_problems(tmp_path)
    assert found.digest() == problem.digest()
    assert found.difficulty is Difficulty.HARD
    assert found.functional is not None
    assert found.starter_code == "class Solution:\n    def f(self, a, b):\n        "
    assert [(case.input(), case.answer()) for case in found.tests][2] == (b"100\n200\n", b"300\n")
    assert len(found.samples) == 2
    assert {(each.name, each.label) for each in found.submissions} == {
        ("reference.py", Label.ACCEPTED),
        ("attempt.py", Label.ACCEPTED),
        ("attempt.py", Label.WRONG_ANSWER),
    }
    metadata = dict(found.metadata)
    assert len(metadata.pop("attempts_digest")) == 64
    assert metadata == {
        "teacher": "t 1",
        "student": "s 2",
        "seed": "families/x",
        "lineage": "3",
        "turn": "1",
        "parent": "syn-000003-00",
        "form": "function",
        "attempts": "32",
        "solved": "8",
        "pass_rate": "0.250000",
        "bin": "hard",
    }


def test_a_member_of_a_chain_has_the_level_of_its_band() -> None:
    problem = assemble(
        FUNCTION, OUTPUTS, problem_id="x", lineage=LINEAGE, attempts=attempts(2, 14), band=CHAIN_BANDS[0]
    )
    assert (problem.difficulty, problem.metadata["chain"]) == (Difficulty.HARD, "chain-000003")


def test_the_bin_between_easy_and_medium_has_no_difficulty() -> None:
    problem = assemble(FUNCTION, OUTPUTS, problem_id="x", lineage=LINEAGE, attempts=attempts(24, 8))
    assert (problem.difficulty, problem.metadata["bin"]) == (None, "easy-medium")


def test_attempts_decide_neither_digest_nor_tests() -> None:
    bare = assemble(FUNCTION, OUTPUTS, problem_id="x", lineage=LINEAGE)
    rated = assemble(FUNCTION, OUTPUTS, problem_id="x", lineage=LINEAGE, attempts=attempts(1, 1))
    assert bare.digest() == rated.digest()
    assert "pass_rate" not in bare.metadata
