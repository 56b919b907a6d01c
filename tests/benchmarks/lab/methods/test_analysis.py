from collections.abc import Mapping, Sequence

import pytest

from codefrontier.benchmarks.lab.methods.analysis import Verdict, detectable, findings, t_interval
from codefrontier.benchmarks.lab.methods.experiment import Comparison, Experiment, Outcome, RunTask, Statement


def _experiment(*comparisons: Comparison) -> Experiment:
    def run(task: RunTask) -> Outcome:
        raise AssertionError("nothing is run here")

    statement = Statement(
        method="m", claim="c", metric="m", control="c", expectation="e", comparisons=comparisons
    )
    return Experiment(name="example", statement=statement, arms=("new", "old"), run=run)


def _runs(values: Sequence[float]) -> dict[int, Outcome]:
    return {seed: Outcome(metrics={"rate": value}) for seed, value in enumerate(values)}


def test_the_interval_of_three_differences_is_that_of_students_t_with_two_degrees() -> None:
    interval = t_interval([0.1, 0.2, 0.3])
    # The standard deviation is 0.1; 4.3026527 * 0.1 / sqrt(3) = 0.2484138.
    assert interval.estimate == pytest.approx(0.2)
    assert interval.low == pytest.approx(0.2 - 0.2484138, abs=1e-7)
    assert interval.high == pytest.approx(0.2 + 0.2484138, abs=1e-7)
    assert detectable([0.1, 0.2, 0.3]) == pytest.approx(0.2484138, abs=1e-7)


def test_the_interval_of_many_seeds_is_that_of_students_t_too() -> None:
    # 21 values with the standard deviation 1: the quantile with 20 degrees is 2.0859634, not 1.96.
    values = [-1.0] * 10 + [0.0] + [1.0] * 10
    assert detectable(values) == pytest.approx(2.0859634 / 21**0.5, abs=1e-7)


def test_one_seed_has_no_interval() -> None:
    with pytest.raises(ValueError, match="at least 2 seeds, got 1"):
        t_interval([0.5])


@pytest.mark.parametrize(
    ("expected", "margin", "new", "verdict"),
    [
        ("above", None, (0.5, 0.6, 0.55), Verdict.SEEN),
        ("below", None, (0.5, 0.6, 0.55), Verdict.NOT_SEEN),
        ("below", None, (-0.5, -0.6, -0.55), Verdict.SEEN),
        ("above", None, (0.5, -0.6, 0.55), Verdict.UNDECIDED),
        ("above", 0.1, (0.01, -0.01, 0.0), Verdict.NOT_SEEN),
        ("above", None, (0.01, -0.01, 0.0), Verdict.UNDECIDED),
        ("above", 0.1, (0.05, 0.06, 0.055), Verdict.SEEN),
        ("above", 0.1, (0.0, 0.0, 0.0), Verdict.UNDECIDED),
    ],
)
def test_the_side_of_the_interval_decides(
    expected: str, margin: float | None, new: tuple[float, ...], verdict: Verdict
) -> None:
    comparison = Comparison(
        metric="rate",
        arm="new",
        control="old",
        expected="above" if expected == "above" else "below",
        margin=margin,
    )
    (finding,) = findings(_experiment(comparison), {"new": _runs(new), "old": _runs((0.0, 0.0, 0.0))})
    assert finding.verdict is verdict


def test_differences_are_paired_by_seed_and_single_seeds_are_left_out() -> None:
    comparison = Comparison(metric="rate", arm="new", control="old", expected="above")
    results = {"new": _runs((1.0, 2.0, 4.0)), "old": _runs((0.5, 1.0))}
    (finding,) = findings(_experiment(comparison), results)
    assert finding.differences == {0: 0.5, 1: 1.0}
    assert finding.levels == (1.5, 0.75)
    assert findings(_experiment(comparison), {"new": _runs((1.0,)), "old": _runs((0.5,))}) == []


def test_problems_are_drawn_with_their_values_of_all_seeds() -> None:
    comparison = Comparison(metric="rate", arm="new", control="old", expected="above")

    def outcome(values: Mapping[str, float]) -> Outcome:
        return Outcome(metrics={"rate": sum(values.values()) / len(values)}, problems={"rate": values})

    # The seeds differ by as much as the problems agree, so only the interval over problems is narrow.
    new = {0: outcome({"p": 1.0, "q": 1.0}), 1: outcome({"p": 0.0, "q": 0.0})}
    old = {0: outcome({"p": 0.0, "q": 0.0}), 1: outcome({"p": 0.0, "q": 0.0})}
    (finding,) = findings(_experiment(comparison), {"new": new, "old": old})
    assert finding.over_problems is not None
    assert (finding.over_problems.low, finding.over_problems.high) == (0.5, 0.5)
    assert finding.verdict is Verdict.UNDECIDED


def test_a_comparison_with_an_unknown_arm_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown arm 'newer'; arms: new, old"):
        _experiment(Comparison(metric="rate", arm="newer", control="old", expected="above"))
