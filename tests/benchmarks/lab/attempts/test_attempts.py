import shutil
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

if find_spec("torch") is None:  # its import takes seconds: not when tests are collected
    pytest.skip("the extra train is not installed", allow_module_level=True)

from codefrontier.benchmarks.analysis.frontier import GateFinding, GateVerdict
from codefrontier.benchmarks.analysis.statistics import Interval
from codefrontier.benchmarks.lab.findings import ClaimVerdict, SeedFinding

if TYPE_CHECKING:
    from safetensors.numpy import load_file, save_file

    from codefrontier.benchmarks.errors import BenchError
    from codefrontier.benchmarks.lab.attempts.__main__ import PLAN, chosen_in_turn
    from codefrontier.benchmarks.lab.attempts.attempt import (
        ATTEMPTS,
        LATER_ATTEMPTS,
        LOWER,
        POOLED,
        TESTED,
        Attempt,
        only,
        varied,
        without_drift,
    )
    from codefrontier.benchmarks.lab.attempts.ends import Ends, key_of
    from codefrontier.benchmarks.lab.attempts.verdicts import AttemptOutcome, SeedOutcome
    from codefrontier.benchmarks.lab.controls import read_weights
    from codefrontier.benchmarks.lab.stages import Lab
    from codefrontier.training.pretraining.sft import train_sft
    from codefrontier.training.settings import SFTSettings

STEPS = (10, 20, 30, 40)
Weights = dict[str, np.ndarray]


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder like that of a lab: a start, and runs whose weights wander off in different directions."""
    folder = tmp_path_factory.mktemp("trained")
    start = Path(train_sft(SFTSettings(out=folder / "sft", steps=1, d=16)))
    weights = load_file(start / "model.safetensors")
    for number, (seed, side) in enumerate((seed, side) for seed in (0, 1, 2) for side in ("low", "high")):
        for step in STEPS:
            target = folder / f"seed-{seed}" / side / f"checkpoint-{step:06d}"
            shutil.copytree(start, target)
            draw = np.random.default_rng(number)  # the same direction at each step: a straight run
            moved = {
                name: (value + step * 1e-3 * draw.standard_normal(value.shape)).astype(np.float32)
                for name, value in weights.items()
            }
            save_file(moved, target / "model.safetensors")
    return folder


@pytest.fixture
def ends(trained: Path, tmp_path: Path) -> "Ends":
    return Ends(trained, tmp_path / "merges", every=10)


def flat(weights: Weights) -> np.ndarray:
    return np.concatenate([weights[name].ravel() for name in sorted(weights)])


def test_every_line_sums_to_one_and_meets_its_ends(ends: "Ends") -> None:
    for attempt in (*ATTEMPTS, *LATER_ATTEMPTS):
        for seed in attempt.seeds:
            for alpha in attempt.alphas:
                weights = attempt.line(ends, seed, alpha)
                plain = [each for each in weights.values() if not isinstance(each, list)]
                if len(plain) == len(weights):
                    assert sum(plain) == pytest.approx(1.0, abs=1e-12), (attempt.name, alpha)
            high = {name: each for name, each in attempt.line(ends, seed, 1.0).items() if each != 0}
            if seed != POOLED:
                assert [*high.values()] == [1.0], attempt.name


def test_the_line_without_drift_is_orthogonal_to_the_common_change(ends: "Ends") -> None:
    start, low, high = (
        flat(read_weights(ends.folder(name))) for name in (Ends.START, "seed-0/low@40", "seed-0/high@40")
    )
    moved = flat(read_weights(ends.merged(without_drift(ends, 0, 2.0)))) - high
    common = (low + high) / 2 - start
    assert abs(moved @ common) < 1e-5 * np.linalg.norm(moved) * np.linalg.norm(common)
    # What is left of the difference of the ends is all that it has across the common change.
    difference = high - low
    across = difference - (difference @ common) / (common @ common) * common
    np.testing.assert_allclose(moved, across, atol=2e-6)


def test_only_the_named_tensors_go_beyond_the_ends(ends: "Ends") -> None:
    merged = read_weights(ends.merged(only("mlp")(ends, 0, 1.5)))
    low, high = (read_weights(ends.folder(f"seed-0/{side}@40")) for side in ("low", "high"))
    for name, values in merged.items():
        expected = -0.5 * low[name] + 1.5 * high[name] if "mlp" in name else high[name]
        np.testing.assert_allclose(values, expected, atol=1e-6, err_msg=name)


def test_the_fit_of_a_straight_run_is_its_last_checkpoint(ends: "Ends") -> None:
    fitted, last = (read_weights(ends.folder(f"seed-1/high@{step}")) for step in ("relex", 40))
    for name, values in last.items():
        np.testing.assert_allclose(fitted[name], values, atol=1e-5, err_msg=name)


def test_runs_that_changed_nothing_have_no_common_change(trained: Path, tmp_path: Path) -> None:
    copy = tmp_path / "trained"
    shutil.copytree(trained, copy)
    for side in ("low", "high"):
        target = copy / "seed-0" / side / "checkpoint-000040" / "model.safetensors"
        shutil.copyfile(copy / "sft" / "checkpoint-000001" / "model.safetensors", target)
    with pytest.raises(BenchError, match=r"the runs of seed 0 in .* changed nothing"):
        without_drift(Ends(copy, tmp_path / "merges", every=10), 0, TESTED)


def test_a_merge_is_known_by_its_weights_and_an_attempt_must_be_testable() -> None:
    assert key_of({"a": 1.0, "b": 0.5}) == key_of({"b": 0.5, "a": 1.0}) != key_of({"a": 0.5, "b": 1.0})
    with pytest.raises(ValueError, match=r"lacks the alphas \[1.25\]"):
        replace(ATTEMPTS[0], alphas=(0.0, 1.0, 1.5))


def test_a_side_that_a_variant_does_not_train_is_the_labs_own(ends: "Ends") -> None:
    assert varied(LOWER)(ends, 1, 0.25) == {"variants/low-0.3/seed-1/low@60": 0.75, "seed-1/high@40": 0.25}
    assert ends.folder("variants/low-0.3/seed-1/low@60").parts[-4:] == (
        "low-0.3",
        "seed-1",
        "low",
        "checkpoint-000060",
    )


def test_the_runs_of_a_variant_differ_from_those_of_the_lab_in_its_settings_only(tmp_path: Path) -> None:
    lab = Lab(PLAN, tmp_path / "trained")
    of_lab = {job.description["out"]: job.description for job in lab.stages["reinforcement"]}
    for attempt in LATER_ATTEMPTS:
        if attempt.variant is None:
            continue
        start, runs = attempt.variant.stages(lab, attempt.seeds)
        assert len(runs) == len(attempt.seeds) * len(attempt.variant.sides)
        assert bool(start) is (attempt.variant.width is not None)
        for job in runs:
            own = of_lab[str(tmp_path / "trained" / f"seed-{job.description['seed']}" / "low")]
            changed = {name for name, value in job.description.items() if own[name] != value}
            assert changed <= {"out", "init", "coverage", "steps", "lr"}
            assert job.products[0].name == f"checkpoint-{attempt.variant.steps:06d}"


def test_the_first_attempts_are_chosen_among_themselves() -> None:
    def outcome(attempt: "Attempt", gain: float) -> "AttemptOutcome":
        narrow = Interval(estimate=gain, low=gain, high=gain)
        finding = GateFinding(
            alpha=TESTED,
            end=1.0,
            watched="optimization",
            verdict=GateVerdict.EXTENSION,
            trend=narrow,
            watched_change=narrow,
            broken_change=narrow,
            solved_change=narrow,
        )
        seed = SeedOutcome(
            gates=(finding,),
            other_failures=narrow,
            ensemble=SeedFinding(verdict=ClaimVerdict.UNDECIDED, effects={"gain": narrow}),
            one_half=SeedFinding(verdict=ClaimVerdict.UNDECIDED),
        )
        return AttemptOutcome(attempt=attempt, seeds=(seed, seed))

    first = [outcome(attempt, 0.01 * place) for place, attempt in enumerate(ATTEMPTS[:3])]
    later = [outcome(attempt, 1.0 + place) for place, attempt in enumerate(LATER_ATTEMPTS[:2])]
    found = chosen_in_turn([*first, *later])
    assert {claim: each.attempt.name for claim, each in found.items()} == {
        "extrapolation": "base",
        "ensemble": "after 20 steps",
        "extrapolation, later": "low coverage 0.3",
        "ensemble, later": "slower and longer",
    }
    assert set(chosen_in_turn(first)) == {"extrapolation", "ensemble"}


def test_the_papers_reading_counts_every_failure_but_limits() -> None:
    def interval(value: float) -> Interval:
        return Interval(estimate=value, low=value - 0.01, high=value + 0.01)

    def continues(limits: float, others: float) -> bool:
        finding = GateFinding(
            alpha=TESTED,
            end=1.0,
            watched="optimization",
            verdict=GateVerdict.DAMAGE,
            trend=interval(-0.4),
            watched_change=interval(limits),
            broken_change=interval(0.1),
            solved_change=interval(0.0),
        )
        undecided = SeedFinding(verdict=ClaimVerdict.UNDECIDED)
        return SeedOutcome(
            gates=(finding,), other_failures=interval(others), ensemble=undecided, one_half=undecided
        ).continues

    assert continues(-0.1, 0.1), "also where the gate finds damage"
    assert not continues(-0.005, 0.1)
    assert not continues(-0.1, 0.005)
