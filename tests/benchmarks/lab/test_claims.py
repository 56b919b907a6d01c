from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest

from codefrontier.benchmarks.lab import ClaimVerdict, JudgedClaim, LabResults, judge_claims
from codefrontier.benchmarks.lab.claims import judge_views
from codefrontier.benchmarks.lab.findings import outside_findings, view_seed

Experiment = Callable[..., LabResults]
REPRODUCED, NOT, UNDECIDED = (
    ClaimVerdict.REPRODUCED,
    ClaimVerdict.NOT_REPRODUCED,
    ClaimVerdict.UNDECIDED,
)
SAME = {"AC": 0.4, "WA": 0.2, "TLE": 0.4}


def judged(results: LabResults) -> dict[str, JudgedClaim]:
    return {each.claim.key: each for each in judge_claims(results)}


def verdicts(results: LabResults) -> dict[str, ClaimVerdict]:
    return {key: each.verdict for key, each in judged(results).items()}


def test_a_made_up_frontier_is_found(experiment: Experiment) -> None:
    found = judged(experiment(seeds=(0, 1)))
    assert found["fewer-optimization-failures"].verdict is REPRODUCED
    assert found["more-correctness-failures"].verdict is REPRODUCED
    assert found["monotone-interpolation"].verdict is REPRODUCED
    assert found["extending-extrapolation"].verdict is NOT
    effect = found["fewer-optimization-failures"].findings[0].effects["optimization failures"]
    assert effect.estimate == pytest.approx(-0.7, abs=0.08)
    assert effect.low < effect.estimate < effect.high < 0


def test_the_other_way_round_the_claims_are_refuted(experiment: Experiment) -> None:
    found = verdicts(experiment({0.0: {"AC": 0.3, "WA": 0.7}, 1.0: {"AC": 0.3, "TLE": 0.7}}))
    assert found["fewer-optimization-failures"] is NOT
    assert found["more-correctness-failures"] is NOT


def test_where_nothing_differs_directions_are_undecided(experiment: Experiment) -> None:
    found = verdicts(experiment({0.0: SAME, 0.5: SAME, 1.0: SAME, 1.5: SAME}, problems=16))
    assert found["fewer-optimization-failures"] is found["flat-solve-rate"] is UNDECIDED
    assert REPRODUCED not in found.values()


@pytest.mark.parametrize("outcome", ["AC", "WA", "TLE", "CE", "no_code"])
def test_nothing_is_reproduced_where_every_episode_ends_alike(experiment: Experiment, outcome: str) -> None:
    alike = {alpha: {outcome: 1.0} for alpha in (-0.5, 0.0, 0.5, 1.0, 1.5)}
    assert set(verdicts(experiment(alike, problems=6, samples=4)).values()) == {UNDECIDED}


def test_a_rate_of_nothing_is_not_flat(experiment: Experiment) -> None:
    unsolved = judged(experiment({0.0: {"MLE": 1.0}, 1.0: {"WA": 1.0}}, problems=8, samples=4))
    assert unsolved["fewer-optimization-failures"].verdict is REPRODUCED
    assert unsolved["flat-solve-rate"].verdict is UNDECIDED


def test_wrong_answers_and_crashes_are_told_apart(experiment: Experiment) -> None:
    results = experiment({0.0: {"AC": 0.3, "TLE": 0.7}, 1.0: {"AC": 0.3, "RTE": 0.7}})
    finding = judged(results)["more-correctness-failures"].findings[0]
    assert finding.verdict is REPRODUCED
    assert finding.effects["WA alone"].estimate == 0
    assert finding.effects["RTE alone"].estimate == finding.effects["WA + RTE"].estimate
    assert finding.remark.endswith("its own interval: RTE")


def test_equal_solve_rates_are_flat_and_unequal_ones_are_not(experiment: Experiment) -> None:
    # Half of the problems accept the slow programs of 0.
    flat = experiment({0.0: {"TLE": 1.0}, 1.0: {"AC": 0.5, "WA": 0.5}}, problems=60, samples=16)
    assert verdicts(flat)["flat-solve-rate"] is REPRODUCED
    few = experiment({0.0: {"TLE": 1.0}, 1.0: {"AC": 0.5, "WA": 0.5}}, problems=4, samples=2)
    assert verdicts(few)["flat-solve-rate"] is UNDECIDED
    steep = experiment({0.0: {"WA": 1.0}, 1.0: {"AC": 0.8, "WA": 0.2}})
    assert verdicts(steep)["flat-solve-rate"] is NOT


def test_a_step_back_refutes_monotone_interpolation(experiment: Experiment) -> None:
    bump = {"TLE": 1.0}
    table = {0.0: {"AC": 0.3, "TLE": 0.7}, 0.5: bump, 1.0: {"AC": 0.5, "WA": 0.5}}
    finding = judged(experiment(table))["monotone-interpolation"].findings[0]
    assert finding.verdict is NOT
    assert "0 to 0.5" in finding.remark


def test_without_merges_between_the_ends_interpolation_is_undecided(experiment: Experiment) -> None:
    ends = experiment({0.0: {"TLE": 1.0}, 1.0: {"WA": 1.0}})
    finding = judged(ends)["monotone-interpolation"].findings[0]
    assert (finding.verdict, finding.effects) == (UNDECIDED, {})


def test_extrapolation_that_goes_on_at_both_ends_is_an_extension(experiment: Experiment) -> None:
    table = {
        -0.5: {"AC": 0.1, "TLE": 0.9},
        0.0: {"AC": 0.2, "WA": 0.2, "TLE": 0.6},
        1.0: {"AC": 0.3, "WA": 0.4, "TLE": 0.3},
        1.5: {"AC": 0.4, "WA": 0.6},
    }
    results = experiment(table)
    finding = judged(results)["extending-extrapolation"].findings[0]
    assert finding.verdict is REPRODUCED
    assert len(finding.effects) == 4
    assert [each.alpha for each in outside_findings(view_seed(results.seeds[0]))] == [-0.5, 1.5]


def test_one_side_alone_extends_nothing_for_sure(experiment: Experiment) -> None:
    table = {0.0: {"TLE": 1.0}, 1.0: {"WA": 0.5, "TLE": 0.5}, 1.5: {"WA": 1.0}}
    assert verdicts(experiment(table))["extending-extrapolation"] is UNDECIDED
    assert verdicts(experiment({0.0: SAME, 1.0: SAME}))["extending-extrapolation"] is UNDECIDED


def test_the_nearest_point_decides_however_many_there_are(experiment: Experiment) -> None:
    table = {
        -1.0: {"RTE": 1.0},
        -0.5: {"TLE": 1.0},
        0.0: {"WA": 0.3, "TLE": 0.7},
        1.0: {"WA": 0.7, "TLE": 0.3},
        1.5: {"WA": 1.0},
        2.0: {"CE": 1.0},
    }
    finding = judged(experiment(table))["extending-extrapolation"].findings[0]
    assert finding.verdict is REPRODUCED
    assert "alpha 2: damage" in finding.remark


def test_ends_that_solve_different_problems_are_complementary_and_gain(experiment: Experiment) -> None:
    results = experiment({0.0: {"TLE": 1.0}, 1.0: {"WA": 1.0}}, problems=24)
    # Under mixed limits low solves the weak half. Let high solve the other half.
    (seed,) = results.seeds
    points = seed.episodes["heldout"]
    order = sorted({episode.problem_id for episode in points[1.0]})
    solving = [
        replace(low, problem_id=high.problem_id, problem_digest=high.problem_digest)
        for low, high in zip(points[0.0], points[1.0], strict=True)
    ]
    strong = set(order[0::2])
    accepted = {
        episode.sample: episode
        for episode in experiment({0.0: {"AC": 1.0}, 1.0: {"AC": 1.0}}).seeds[0].episodes["heldout"][1.0]
    }
    high = [
        replace(
            accepted[episode.sample], problem_id=episode.problem_id, problem_digest=episode.problem_digest
        )
        if episode.problem_id in strong
        else episode
        for episode in points[1.0]
    ]
    changed = replace(results, seeds=(replace(seed, episodes={"heldout": {0.0: solving, 1.0: high}}),))
    found = verdicts(changed)
    assert found["different-problems"] is REPRODUCED
    assert found["complementary-ends"] is REPRODUCED
    assert found["gaining-ensemble-mixed"] is REPRODUCED
    assert found["gaining-ensemble"] is not REPRODUCED


def test_an_end_that_solves_nothing_else_is_not_complementary(experiment: Experiment) -> None:
    found = verdicts(experiment({0.0: {"AC": 0.2, "WA": 0.8}, 1.0: {"AC": 0.9, "WA": 0.1}}, samples=16))
    assert found["complementary-ends"] is not REPRODUCED
    assert found["gaining-ensemble"] is not REPRODUCED


MIDDLE = {"AC": 0.3, "WA": 0.25, "TLE": 0.45}


def with_middle(results: LabResults, of: LabResults, alpha: float) -> LabResults:
    """Return the results with the episodes of other results at an alpha as those of middle coverage."""
    (seed,), (other,) = results.seeds, of.seeds
    middle = {"heldout": other.episodes["heldout"][alpha]}
    return replace(results, seeds=(replace(seed, middle=middle),))


def test_failures_that_change_step_by_step_with_coverage_are_found(experiment: Experiment) -> None:
    results = experiment()
    assert verdicts(results)["monotone-coverage"] is UNDECIDED
    between = experiment({0.0: MIDDLE, 1.0: MIDDLE})
    finding = judged(with_middle(results, between, 0.0))["monotone-coverage"].findings[0]
    assert finding.verdict is REPRODUCED
    steps = [
        finding.effects[f"optimization failures, {name}"].estimate
        for name in ("low to middle", "middle to full", "low to full")
    ]
    assert steps[0] + steps[1] == pytest.approx(steps[2])
    assert max(steps) < 0


def test_a_middle_that_goes_against_the_trend_refutes_it(experiment: Experiment) -> None:
    wrong = experiment({0.0: {"WA": 1.0}, 1.0: {"WA": 1.0}})
    finding = judged(with_middle(experiment(), wrong, 0.0))["monotone-coverage"].findings[0]
    assert finding.verdict is NOT
    assert finding.remark.endswith("interval: middle to full")


def test_the_middle_does_not_join_the_line_of_the_merges(experiment: Experiment) -> None:
    results = experiment()
    middle = with_middle(results, experiment({0.0: MIDDLE, 1.0: MIDDLE}), 0.0)
    view = view_seed(middle.seeds[0])
    assert view.full.alphas == view_seed(results.seeds[0]).full.alphas
    assert judged(middle)["gaining-ensemble"].findings[0].effects.keys() >= {"ensemble"}


@pytest.mark.parametrize(
    ("agentic", "verdict"),
    [
        ({0.0: {"TLE": 0.8, "WA": 0.2}, 1.0: {"TLE": 0.2, "WA": 0.8}}, REPRODUCED),
        ({0.0: {"TLE": 0.2, "WA": 0.8}, 1.0: {"TLE": 0.8, "WA": 0.2}}, NOT),
        ({0.0: SAME, 1.0: SAME}, UNDECIDED),
    ],
)
def test_every_mode_must_show_the_same_order(
    experiment: Experiment, agentic: Mapping[float, Mapping[str, float]], verdict: ClaimVerdict
) -> None:
    results = experiment()
    assert verdicts(results)["three-modes"] is UNDECIDED
    (seed,), (other,) = results.seeds, experiment(agentic).seeds
    points = seed.episodes["heldout"]
    modes = {"single": points, "tool": points, "agentic": other.episodes["heldout"]}
    finding = judged(replace(results, seeds=(replace(seed, modes=modes),)))["three-modes"].findings[0]
    assert finding.verdict is verdict
    assert len(finding.effects) == 6


def test_both_estimates_of_the_gain_of_an_ensemble_are_told(experiment: Experiment) -> None:
    found = judged(experiment(samples=4))
    averaged, half = found["gaining-ensemble"], found["gaining-ensemble-one-half"]
    assert "gain in pass@4" in averaged.findings[0].effects
    assert "gain in pass@4, other half" in half.findings[0].effects
    assert half.findings[0].remark.startswith("12 problems; samples by alpha:")
    few = judged(experiment(problems=3, samples=2))["gaining-ensemble-one-half"].findings[0]
    assert (few.verdict, few.remark) == (UNDECIDED, "there must be at least 4 problems")


def test_one_sample_leaves_claims_about_halves_undecided(experiment: Experiment) -> None:
    found = judged(experiment(samples=1))
    for key in ("different-problems", "complementary-ends", "gaining-ensemble"):
        assert found[key].verdict is UNDECIDED
        assert "at least 2 samples" in found[key].findings[0].remark


def test_seeds_must_agree(experiment: Experiment) -> None:
    down = experiment({0.0: {"TLE": 1.0}, 1.0: {"WA": 1.0}}, seeds=(0,))
    up = experiment({0.0: {"WA": 1.0}, 1.0: {"TLE": 1.0}}, seeds=(1,))
    both = replace(down, seeds=(*down.seeds, *up.seeds))
    claim = judged(both)["fewer-optimization-failures"]
    assert {seed: finding.verdict for seed, finding in claim.findings.items()} == {0: REPRODUCED, 1: NOT}
    assert claim.verdict is UNDECIDED


def test_equal_results_give_equal_findings(experiment: Experiment) -> None:
    first, second = judge_claims(experiment(problems=8)), judge_claims(experiment(problems=8))
    assert [each.findings for each in first] == [each.findings for each in second]


def test_every_claim_states_its_test_beforehand(experiment: Experiment) -> None:
    claims = [each.claim for each in judge_claims(experiment(problems=4, samples=2))]
    assert len({claim.key for claim in claims}) == len(claims) == 13
    assert all("eproduced if" in claim.test for claim in claims)


def test_claims_need_results(experiment: Experiment) -> None:
    with pytest.raises(ValueError, match="at least one seed"):
        judge_views([])
    with pytest.raises(ValueError, match="no split 'validation': must be one of heldout"):
        judge_claims(experiment(problems=2), "validation")


def test_results_that_are_not_complete_are_refused(experiment: Experiment) -> None:
    results = experiment(problems=2)
    (seed,) = results.seeds
    points = dict(seed.episodes["heldout"])
    with pytest.raises(ValueError, match="alpha 1 is missing"):
        replace(seed, episodes={"heldout": {0.0: points[0.0]}})
    with pytest.raises(ValueError, match="must be episodes of 'heldout', got none"):
        replace(seed, episodes={})
    with pytest.raises(ValueError, match=r"alpha 0\.5: there are no episodes"):
        replace(seed, episodes={"heldout": {**points, 0.5: []}})
    with pytest.raises(ValueError, match="finite number, got nan"):
        replace(seed, episodes={"heldout": {**points, float("nan"): points[0.0]}})
    with pytest.raises(ValueError, match="each seed may appear once"):
        replace(results, seeds=(seed, seed))
    other = replace(seed, seed=1, episodes={"heldout": {0.0: points[0.0], 1.0: points[1.0]}})
    with pytest.raises(ValueError, match="same splits and alphas"):
        replace(results, seeds=(seed, other))
    with pytest.raises(ValueError, match="at least one seed"):
        replace(results, seeds=())
    with pytest.raises(ValueError, match="settings must be JSON values"):
        replace(results, settings={"out": object()})
