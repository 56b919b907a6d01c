from __future__ import annotations

from collections.abc import Callable
from itertools import islice

import pytest

from codefrontier.problems import Difficulty, Problem, TaskKind, named_tasks
from codefrontier.problems.families import FAMILIES, MICRO_NAMES, draw
from codefrontier.training.errors import TrainingError
from codefrontier.training.sampling.problem_stream import (
    TRIES,
    ProblemStream,
    check_selection,
    families_stream,
    family_levels,
    has_enough_tests,
)


def test_going_on_after_some_problems_gives_the_next_ones(stream_of: Callable[..., ProblemStream]) -> None:
    whole, rest = stream_of(), stream_of()
    first = [problem.id for problem in whole.take(5)]
    rest.skip_to(whole.taken)
    following = [problem.id for problem in whole.take(5)]
    assert [problem.id for problem in rest.take(5)] == following
    assert len(set(first)) == 5
    assert rest.taken == whole.taken


def test_epochs_differ_and_a_problem_comes_once_at_a_time(stream_of: Callable[..., ProblemStream]) -> None:
    stream = stream_of()
    epochs = [[problem.id for problem in stream.take(8)] for _ in range(2)]
    assert sorted(epochs[0]) == sorted(epochs[1])
    assert epochs[0] != epochs[1]


def test_problems_that_are_there_already_are_passed_over(stream_of: Callable[..., ProblemStream]) -> None:
    stream = stream_of(("red", "green", "blue"))
    assert {problem.id for problem in stream.take(2, but={"red-task"})} == {"green-task", "blue-task"}


def test_rejected_problems_are_passed_over_but_not_forever(stream_of: Callable[..., ProblemStream]) -> None:
    def accepts(problem: Problem) -> bool:
        return problem.id == "green-task"

    stream = stream_of(("red", "green", "blue"))
    assert [problem.id for problem in stream.take(1, accepts=accepts)] == ["green-task"]
    before = stream.taken
    # Nothing else is accepted: after the tries, the next one that is new is taken.
    [other] = stream.take(1, but={"green-task"}, accepts=lambda problem: False)
    assert other.id != "green-task"
    assert stream.taken - before > TRIES
    assert stream.take(2, accepts=accepts)[0].id == "green-task"


def test_too_few_problems_are_an_error(stream_of: Callable[..., ProblemStream]) -> None:
    with pytest.raises(TrainingError, match="fewer than"):
        stream_of(("red", "green")).take(3)


def test_an_empty_split_is_an_error() -> None:
    with pytest.raises(TrainingError, match="split is empty"):
        ProblemStream(lambda number: iter(())).take(1)


def test_the_families_come_in_the_order_of_their_split() -> None:
    taken = families_stream("train", seed=3).take(3)
    assert [problem.id for problem in taken] == [problem.id for problem in draw("train", 3, 3)]
    stream = families_stream("train", seed=3)
    stream.skip_to(2)
    assert stream.take(1)[0].id == taken[2].id


def test_a_split_that_does_not_exist_is_named() -> None:
    with pytest.raises(ValueError, match="'tset'"):
        families_stream("tset", seed=0).take(1)


def test_a_coverage_that_leaves_one_test_is_refused(problem_of: Callable[..., Problem]) -> None:
    check_selection(problem_of("red", tests=4), 0.26)
    with pytest.raises(TrainingError, match=r"coverage 0.25 selects 1 of 4 tests .* above 0.250"):
        check_selection(problem_of("red", tests=4), 0.25)
    assert has_enough_tests(problem_of("red", tests=4), 0.26)
    assert not has_enough_tests(problem_of("red", tests=4), 0.25)


def test_the_one_test_of_a_task_whose_answer_is_a_literal_is_enough() -> None:
    for kind in TaskKind:
        check_selection(named_tasks(kind, f"{kind}:train:1")[0], 1.0)


def test_the_families_can_be_taken_by_difficulty_and_with_the_broad_ones() -> None:
    hard = families_stream("train", seed=0, level=Difficulty.HARD).take(3)
    assert {problem.difficulty for problem in hard} == {Difficulty.HARD}
    [first, *_] = families_stream("supply", seed=0).take(1)
    rest = families_stream("supply", seed=0, held_out={first.id}).take(60)
    assert first.id not in {problem.id for problem in rest}
    names = {str(problem.metadata["family"]) for problem in rest}
    assert names - {family.name for family in FAMILIES}, "the supply has broad families too"
    micro = families_stream("supply", seed=0, families=MICRO_NAMES).take(60)
    assert {str(problem.metadata["family"]) for problem in micro} <= set(MICRO_NAMES)
    assert family_levels("supply", MICRO_NAMES) == family_levels("train")
    assert family_levels("train")["pair-sums"] == (Difficulty.MEDIUM,)
    assert len(family_levels("supply")["coin-ways"]) == 2


def test_streams_are_lazy() -> None:
    made = islice(iter(families_stream("heldout", seed=0).take(1)), 1)
    assert next(made).metadata["prompt"]
