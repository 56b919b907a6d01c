from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from codefrontier.problems import Difficulty, Problem
from codefrontier.training.curricula.curriculum import SET, Result
from codefrontier.training.curricula.pass_rates import (
    PassRateBand,
    PassRateSettings,
    SteppingStones,
    SteppingStonesSettings,
)

EASY, MEDIUM, HARD = Difficulty.EASY, Difficulty.MEDIUM, Difficulty.HARD
Levelled = Callable[[str, Difficulty], Problem]


def result(problem: Problem, *solved: bool, environment: str = "A") -> Result:
    return Result(problem=problem, environment=environment, solved=solved)


def test_a_problem_is_taken_while_its_pass_rate_is_in_the_band(problem_of: Callable[..., Problem]) -> None:
    band = PassRateBand(PassRateSettings(low=0.25, high=0.75, memory=0.5, explore=0.1))
    red, blue = problem_of("red"), problem_of("blue")
    assert band.rate(red, "A") is None
    assert band.accepts(red, "A", draw=0.99), "a problem without episodes is tried"
    band.observe([result(red, True, True, True, False), result(blue, False, False)])
    assert band.rate(red, "A") == 0.75
    assert band.accepts(red, "A", draw=0.99)
    assert not band.accepts(blue, "A", draw=0.1)
    assert band.accepts(blue, "A", draw=0.09), "some are tried again outside the band"
    assert band.accepts(blue, "B", draw=0.99), "the rate belongs to an environment"
    # 3 of 4 count half: 1.5 of 2; then 4 of 4 give 5.5 of 6.
    band.observe([result(red, True, True, True, True)])
    assert band.rate(red, "A") == pytest.approx(5.5 / 6)
    assert not band.accepts(red, "A", draw=0.5)
    assert band.metrics() == {"known": 2, "in_band": 0.0}


def test_cells_share_a_pass_rate_and_other_problems_have_their_own(
    problem_of: Callable[..., Problem],
) -> None:
    band = PassRateBand(PassRateSettings(by="cell"))
    one, two = (replace(problem_of(colour), metadata={"cell": "sums"}) for colour in ("red", "blue"))
    band.observe([result(one, False, False), result(problem_of("grey"), True)])
    assert band.rate(two, "A") == 0.0
    assert band.rate(problem_of("grey"), "A") == 1.0
    assert band.rate(problem_of("pink"), "A") is None


def test_the_state_of_a_band_is_restored_exactly(problem_of: Callable[..., Problem]) -> None:
    band, other = PassRateBand(), PassRateBand()
    for _ in range(3):
        band.observe([result(problem_of("red"), True, False, False)])
    other.load_state_dict(json.loads(json.dumps(band.state_dict())))
    assert other.state_dict() == band.state_dict()
    assert other.rate(problem_of("red"), "A") == band.rate(problem_of("red"), "A")


@pytest.fixture
def levelled(problem_of: Callable[..., Problem]) -> Levelled:
    """Make a problem of a colour and a difficulty, in a family of the name of the colour."""
    return lambda colour, level: replace(problem_of(colour), difficulty=level, metadata={"family": colour})


def test_a_set_climbs_when_it_is_solved_and_falls_when_nothing_is(levelled: Levelled) -> None:
    stones = SteppingStones(SteppingStonesSettings(rise=0.65, fall=0.0, episodes=4))
    stones.begin("A", {SET: (EASY, HARD), "red": (EASY,)})
    assert stones.levels(0, "A") == {EASY: 1.0}
    stones.observe([result(levelled("red", EASY), True, True)])
    assert stones.level("A") is EASY, "two episodes are too few"
    stones.observe([result(levelled("red", EASY), True, False)])
    assert stones.level("A") is HARD, "3 of 4 are more than 0.65"
    assert stones.metrics() == {"level_mean": 2.0}
    stones.observe([result(levelled("red", HARD), True, False, False, False)])
    assert stones.level("A") is HARD, "a rate between fall and rise keeps the level"
    stones.observe(
        [result(levelled("red", HARD), False, False), result(levelled("blue", HARD), False, False)]
    )
    assert stones.level("A") is EASY
    stones.observe([result(levelled("red", EASY), False, False, False, False)])
    assert stones.level("A") is EASY, "there is no lower level"


def test_families_climb_each_for_itself(levelled: Levelled) -> None:
    stones = SteppingStones(SteppingStonesSettings(episodes=2, chain="family"))
    stones.begin("A", {SET: (EASY, MEDIUM, HARD), "red": (EASY, MEDIUM), "blue": (HARD,)})
    assert stones.levels(0, "A") == {}
    red, red_next, blue = levelled("red", EASY), levelled("red", MEDIUM), levelled("blue", HARD)
    accepted = [stones.accepts(each, "A", draw=0.0) for each in (red, red_next, blue)]
    assert accepted == [True, False, True]
    # The episodes at another level do not count.
    stones.observe([result(red, True, True), result(red_next, False, False), result(blue, True, True)])
    accepted = [stones.accepts(each, "A", draw=0.0) for each in (red, red_next, blue)]
    assert accepted == [False, True, True]
    other = SteppingStones(SteppingStonesSettings(episodes=2, chain="family"))
    other.begin("A", {SET: (EASY, MEDIUM, HARD), "red": (EASY, MEDIUM), "blue": (HARD,)})
    other.load_state_dict(json.loads(json.dumps(stones.state_dict())))
    assert [other.accepts(each, "A", draw=0.0) for each in (red, red_next, blue)] == accepted


def test_a_set_without_difficulties_is_refused() -> None:
    with pytest.raises(ValueError, match="needs problems with a difficulty, but A has none"):
        SteppingStones().begin("A", {SET: ()})
    with pytest.raises(ValueError, match="needs families with difficulties, but A has none"):
        SteppingStones(SteppingStonesSettings(chain="family")).begin("A", {SET: (EASY,)})
