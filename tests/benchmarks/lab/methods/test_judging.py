"""How experiments judge parts and sets of programs, with the real judge."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING

import pytest

from codefrontier.judge import Judge
from codefrontier.problems.families import ProgramPlan, Spec, make_problem, vocabulary, write_program

if TYPE_CHECKING:  # torch takes seconds: conftest.py runs these imports before the first test
    from codefrontier.benchmarks.lab.methods.exprl import LineJudge
    from codefrontier.benchmarks.lab.methods.online_fixing import made_failures, repairs
    from codefrontier.benchmarks.lab.methods.vpo import BETWEEN, PROGRAMS, sets
    from codefrontier.training import build_tokenizer

pytestmark = pytest.mark.sandbox
SPEC = Spec.parse("pair-sums lt map=sq slice=odd out=mod")


@pytest.fixture(scope="module")
def judge() -> Iterator[Judge]:
    with Judge(workers=1) as opened:
        yield opened


def test_lines_of_a_right_program_score_one_and_lines_after_a_bug_nothing(judge: Judge) -> None:
    lines = LineJudge(judge, None, other=False)
    program = write_program(SPEC, ProgramPlan.SLOW)
    assert lines.line_scores(SPEC.id, program).tolist() == [1.0] * len(program.split("\n"))
    broken = program.split("\n")
    broken[6] = f"{broken[6].partition(' = ')[0]} = None"
    scores = lines.line_scores(SPEC.id, "\n".join(broken)).tolist()
    assert scores == [1.0] * 6 + [0.0] * (len(broken) - 6)


def test_a_wrong_reference_fails_a_right_program_until_its_last_line(judge: Judge) -> None:
    program = write_program(SPEC, ProgramPlan.SLOW)
    scores = LineJudge(judge, None, other=True).line_scores(SPEC.id, program).tolist()
    assert scores[0] < 1.0
    assert scores[-1] == 1.0, "the whole program needs no reference"


def test_a_repair_leads_from_a_failed_program_to_the_same_program_without_bugs(judge: Judge) -> None:
    ((line, fixed),) = repairs(judge, 1)
    prompt, _, failed = line.partition(" repair")
    assert fixed in {write_program(Spec.parse(prompt), plan) for plan in ProgramPlan}
    assert "AC=3" not in failed


def test_made_failures_fail_and_are_the_same_each_time(judge: Judge) -> None:
    problem = make_problem(SPEC)
    first = list(islice(made_failures(judge, problem), 2))
    assert first == list(islice(made_failures(judge, problem), 2))
    assert all(line.startswith(f"{SPEC.prompt} repair") and "AC=3" not in line for line in first)


def test_a_reply_with_a_set_has_three_programs_of_its_problem_in_known_pieces() -> None:
    tokenizer = build_tokenizer((*vocabulary(), BETWEEN), context=512)
    for prompt, reply in islice(sets(1), 20):
        programs = reply.split(BETWEEN)
        assert len(programs) == PROGRAMS
        right = {write_program(Spec.parse(prompt), plan).split("\n")[0] for plan in ProgramPlan}
        assert all(program.split("\n")[0] in right for program in programs)
        assert tokenizer.unk_token_id not in tokenizer(reply, add_special_tokens=False)["input_ids"]


def test_programs_of_a_set_are_drawn_independently() -> None:
    replies = [reply.split(BETWEEN) for _, reply in islice(sets(2), 200)]
    alike = sum(first == second for first, second, _ in replies) / len(replies)
    # Two draws agree on the plan in 0.62 ** 2 + 0.38 ** 2 = 53 % of cases, and seldom on bugs.
    assert 0.25 < alike < 0.55
