from __future__ import annotations

import pytest

from codefrontier.problems import Difficulty, Problem, Testset
from codefrontier.training.curricula.curriculum import Curriculum
from codefrontier.training.curricula.registry import CURRICULA, make_curriculum
from codefrontier.training.curricula.schedules import shares

EASY, MEDIUM, HARD = Difficulty.EASY, Difficulty.MEDIUM, Difficulty.HARD


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        # Shares of easy, medium and hard at steps of the paper's 40 000: the figures of its schedules.
        ("soft", {0: (0.8, 0.15, 0.05), 7_500: (0.15, 0.8, 0.05), 17_500: (0.15, 0.4, 0.45)}),
        ("soft", {29_999: (0.15, 0.4, 0.45), 30_000: (0.05, 0.15, 0.8), 40_000: (0.05, 0.15, 0.8)}),
        ("hard", {7_499: (0.9, 0.05, 0.05), 7_500: (0.05, 0.9, 0.05), 17_500: (0.05, 0.05, 0.9)}),
        ("classic", {0: (1, 0, 0), 10_000: (0.75, 0.25, 0), 15_000: (0, 1, 0)}),
        ("classic", {25_000: (0, 0.75, 0.25), 30_000: (0, 0, 1), 99_999: (0, 0, 1)}),
        ("reverse_hard", {0: (0, 0, 1), 10_000: (0, 0.25, 0.75), 15_000: (0, 1, 0)}),
        ("reverse_hard", {25_000: (0.25, 0.75, 0), 30_000: (1, 0, 0)}),
        ("reverse_medium", {0: (0, 1, 0), 17_500: (0.25, 0.75, 0), 20_000: (1, 0, 0)}),
    ],
)
def test_the_schedules_are_those_of_the_paper(
    name: str, expected: dict[int, tuple[float, float, float]]
) -> None:
    made = make_curriculum(name, {"length": "40000"})
    for step, found in expected.items():
        levels = made.levels(step, "")
        assert tuple(levels.get(level, 0) for level in (EASY, MEDIUM, HARD)) == found
        assert made.coverages(step) == {}


def test_phases_scale_with_the_length() -> None:
    made = make_curriculum("hard", {"length": "40"})
    assert [dict(made.levels(step, "")).get(EASY) for step in (0, 7, 8, 17, 18)] == [0.9, 0.9] + [0.05] * 3
    assert shares(((0.5, (1, 0, 0)), (1.0, (0, 0, 1))), 0.5) == (0, 0, 1)


def test_a_schedule_over_the_coverage_has_coverages_instead_of_levels() -> None:
    made = make_curriculum("classic", {"length": "40", "over": "coverage", "low": "0.2"})
    assert made.levels(0, "") == {}
    assert made.coverages(0) == {0.2: 1.0}
    assert made.coverages(12) == {0.2: 0.75, 0.5: 0.25}
    assert made.coverages(40) == {1.0: 1.0}


def test_a_ramp_moves_the_coverage_linearly_and_then_stays() -> None:
    made = make_curriculum("coverage_ramp", {"length": "4", "start": "0.2", "end": "1"})
    assert [next(iter(made.coverages(step))) for step in range(6)] == [0.2, 0.4, 0.6, 0.8, 1.0, 1.0]
    down = make_curriculum("coverage_ramp", {"length": "2", "start": "1", "end": "0.5"})
    assert [next(iter(down.coverages(step))) for step in range(3)] == [1.0, 0.75, 0.5]


def test_every_curriculum_is_registered_under_its_name() -> None:
    assert all(kind.name == name for name, kind in CURRICULA.items())
    for name in CURRICULA:
        options = {"length": "5"} if name not in ("none", "pass_rate", "stepping_stones") else {}
        made = make_curriculum(name, options)
        assert type(made) is CURRICULA[name]
        made.load_state_dict(made.state_dict())
    with pytest.raises(ValueError, match="has no state"):
        Curriculum().load_state_dict({"seen": {}})


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("easy", {}, r"curriculum must be one of .*stepping_stones.*, got 'easy'"),
        ("soft", {}, r"'soft' needs --curriculum.length"),
        ("soft", {"length": "0"}, r"length must be a whole number of at least 1, got 0"),
        ("soft", {"length": "ten"}, r"--curriculum.length must be of type int, got 'ten'"),
        ("soft", {"length": "9", "over": "time"}, r"over must be difficulty or coverage, got 'time'"),
        ("soft", {"length": "9", "low": "0.5"}, r"must ascend, got low 0.5, middle 0.5 and high 1.0"),
        ("none", {"length": "9"}, r"curriculum 'none' has no field 'length'; its fields: it has none"),
        ("pass_rate", {"low": "0.9", "high": "0.1"}, r"low must be at most high, got 0.9 and 0.1"),
        ("pass_rate", {"memory": "1"}, r"memory must be below 1"),
        ("stepping_stones", {"rise": "0"}, r"fall must be below rise, got 0.0 and 0.0"),
        ("stepping_stones", {"chain": "cell"}, r"chain must be set or family, got 'cell'"),
        ("coverage_ramp", {"length": "9", "start": "0"}, r"coverage must be a number in"),
    ],
)
def test_bad_fields_are_refused_with_what_is_allowed(
    name: str, options: dict[str, str], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        make_curriculum(name, options)


def rated(rate: float, bin_name: str, *, number: int = 0) -> Problem:
    return Problem(
        id=f"p{number}-{rate}",
        title="t",
        statement="s",
        tests=Testset.inline([]),
        metadata={"pass_rate": f"{rate:.6f}", "bin": bin_name},
    )


RATED = [
    rated(0.9, "easy"),
    rated(0.7, "easy-medium"),
    rated(0.4, "medium"),
    rated(0.15, "hard"),
    rated(0.02, ""),
]


def test_levels_may_be_the_bins_of_measured_pass_rates() -> None:
    soft = make_curriculum("soft", {"length": "8", "levels": "bins"})
    assert soft.grades
    assert list(soft.grade(RATED).values()) == [EASY, None, MEDIUM, HARD, None]
    reverse = make_curriculum("reverse_medium", {"length": "8", "levels": "bins"})
    assert list(reverse.grade(RATED).values()) == [None, EASY, MEDIUM, None, None]


def test_levels_may_be_thirds_of_the_set() -> None:
    made = make_curriculum("classic", {"length": "8", "levels": "thirds"})
    assert list(made.grade(RATED).values()) == [EASY, EASY, MEDIUM, MEDIUM, HARD]
    assert not make_curriculum("classic", {"length": "8"}).grades


def test_problems_without_a_pass_rate_have_no_measured_level() -> None:
    made = make_curriculum("soft", {"length": "8", "levels": "bins"})
    problem = Problem(id="p", title="t", statement="s", tests=Testset.inline([]))
    with pytest.raises(ValueError, match="'p' has none"):
        made.grade([problem])


@pytest.mark.parametrize(
    "options", [{"levels": "guesses"}, {"levels": "bins", "over": "coverage"}], ids=["unknown", "coverage"]
)
def test_bad_levels_are_refused(options: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="levels"):
        make_curriculum("soft", {"length": "8", **options})
