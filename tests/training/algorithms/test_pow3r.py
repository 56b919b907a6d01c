from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codefrontier.agents import EpisodeRecord
from codefrontier.agents.records.record import JudgementRecord, JudgeRecord, RunRecord
from codefrontier.judge import Verdict
from codefrontier.problems import Problem
from codefrontier.training.settings import RLSettings

if TYPE_CHECKING:  # torch takes seconds: conftest.py runs these imports before the first test
    import torch
    from torch import Tensor

    from codefrontier.training.algorithms.algorithm import Group, Scored
    from codefrontier.training.algorithms.framework.losses import Clipping, policy_loss
    from codefrontier.training.algorithms.pow3r import (
        POW3R,
        POW3RSettings,
        advantages,
        category_rewards,
        contrast,
        quarter_components,
        smoothed_factors,
        target_factors,
    )
    from codefrontier.training.rows import row_of
    from codefrontier.training.trainer import train

FORMULA = {"eps": 0.05, "mix": 1.0, "low": 0.25, "high": 4.0}


def vector(*values: float) -> Tensor:
    return torch.tensor(values, dtype=torch.float64)


def test_contrast_is_the_variance_over_the_rollouts() -> None:
    scores = torch.tensor([[1.0, 1.0, 0.1], [0.0, 1.0, 0.1], [0.0, 1.0, 0.1], [1.0, 0.0, 0.1]])
    assert contrast(scores).tolist() == pytest.approx([0.25, 0.1875, 0.0])
    assert contrast(scores, unbiased=True).tolist() == pytest.approx([1 / 3, 0.25, 0.0])
    assert contrast(scores)[2] == 0  # exactly, although the mean of equal numbers may be rounded


def test_scores_that_are_not_valid_do_not_count() -> None:
    scores = torch.tensor([[1.0, 1.0], [0.0, math.nan], [math.nan, math.nan]])
    assert contrast(scores, ~scores.isnan()).tolist() == [0.25, 0.0]
    assert contrast(torch.zeros(0, 2)).tolist() == [0.0, 0.0]


@pytest.mark.parametrize("shape", [(4,), (2, 2, 2)])
def test_contrast_needs_rollouts_and_components(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"\[G, C\]"):
        contrast(torch.zeros(shape))


def test_contrast_needs_a_mask_of_the_shape_of_the_scores() -> None:
    with pytest.raises(ValueError, match=r"\[G, C\]"):
        contrast(torch.zeros(2, 3), torch.ones(2, 2, dtype=torch.bool))


def test_factors_are_gains_over_the_mean_gain_of_the_category() -> None:
    # First category: gains .3, .05 and human weights 1, 3, so the mean gain is .45 / 4 = .1125.
    # Second category: one component, which is its own mean.
    factors = target_factors(vector(0.25, 0.0, 0.1), vector(1, 3, 2), torch.tensor([0, 0, 1]), **FORMULA)
    assert factors.tolist() == pytest.approx([0.3 / 0.1125, 0.05 / 0.1125, 1.0])


def test_factors_are_mixed_with_one_and_bounded() -> None:
    variances, human, category = vector(0.25, 0.0), vector(1, 3), torch.tensor([0, 0])
    mixed = target_factors(variances, human, category, **{**FORMULA, "mix": 0.5})
    assert mixed.tolist() == pytest.approx([0.5 + 0.5 * 0.3 / 0.1125, 0.5 + 0.5 * 0.05 / 0.1125])
    bounded = target_factors(variances, human, category, **{**FORMULA, "low": 0.5, "high": 2.0})
    assert bounded.tolist() == [2.0, 0.5]
    assert target_factors(variances, human, category, **{**FORMULA, "mix": 0.0}).tolist() == [1.0, 1.0]


def test_a_category_without_weight_or_components_has_factors_of_one() -> None:
    category = torch.tensor([0, 0])
    assert target_factors(vector(0.25, 0.1), vector(0, 0), category, **FORMULA).tolist() == [1.0, 1.0]
    assert target_factors(vector(), vector(), category[:0], **FORMULA).tolist() == []


@given(st.lists(st.tuples(st.floats(0, 0.25), st.floats(0.1, 5), st.integers(0, 2)), min_size=1, max_size=9))
def test_the_weighted_mean_factor_of_a_category_is_one(parts: list[tuple[float, float, int]]) -> None:
    variances, human = vector(*(part[0] for part in parts)), vector(*(part[1] for part in parts))
    category = torch.tensor([part[2] for part in parts])
    factors = target_factors(variances, human, category, eps=0.01, mix=0.7, low=1e-6, high=1e6)
    for number in set(category.tolist()):
        chosen = category == number
        mean = (human * factors)[chosen].sum() / human[chosen].sum()
        assert mean.item() == pytest.approx(1)
        ordered = factors[chosen][variances[chosen].argsort()]
        assert bool((ordered.diff() >= 0).all())  # more contrast never gives a smaller factor


def test_factors_move_by_a_moving_average_within_the_bounds() -> None:
    old, target = vector(1.0, 1.0, 2.0), vector(2.0, 0.5, 4.0)
    moved = smoothed_factors(old, target, decay=0.75, low=0.9, high=2.25)
    assert moved.tolist() == pytest.approx([1.25, 0.9, 2.25])
    assert smoothed_factors(old, target, decay=0.0, low=0.5, high=4.0).tolist() == target.tolist()


def test_each_category_has_the_same_share_of_the_reward() -> None:
    scores = vector(1, 0, 1, 0, 1, 0).reshape(2, 3)
    rewards = category_rewards(scores, vector(3, 1, 5), torch.tensor([0, 0, 1]))
    # (3/4 + 1) / 2 and (1/4 + 0) / 2.
    assert rewards.tolist() == pytest.approx([0.875, 0.125])


def test_a_category_without_weight_counts_nowhere() -> None:
    scores, category = vector(1, 0, 1).reshape(1, 3), torch.tensor([0, 0, 2])
    assert category_rewards(scores, vector(1, 1, 0), category).tolist() == [0.5]
    with pytest.raises(ValueError, match="positive weight"):
        category_rewards(scores, vector(0, 0, 0), category)


@given(st.lists(st.floats(0.1, 4), min_size=4, max_size=4))
def test_rewards_stay_between_none_and_all_met_whatever_the_weights(weights: list[float]) -> None:
    scores = torch.stack([torch.zeros(4), torch.ones(4), vector(1, 0, 1, 0)]).double()
    none, everything, some = category_rewards(scores, vector(*weights), torch.tensor([0, 0, 1, 1])).tolist()
    assert none == 0
    assert everything == pytest.approx(1)
    assert 0 < some < 1


@pytest.mark.parametrize(
    ("scores", "weights", "category", "message"),
    [
        ([1.0, 0.0], [1.0, 1.0], [0, 0], r"\[G, C\]"),
        ([[1.0, 0.0]], [1.0], [0], r"\[G, C\]"),
        ([[1.0, 0.0]], [1.0, 1.0], [0], r"must be \[C\]"),
        ([[1.0, 0.0]], [1.0, -1.0], [0, 0], "at least 0"),
        ([[1.0, 0.0]], [1.0, math.nan], [0, 0], "at least 0"),
        ([[1.0, 0.0]], [1.0, 1.0], [0, -1], "categories"),
        ([[1.0, 0.0]], [1.0, 1.0], [0.0, 1.0], "categories"),
        ([[1.1, 0.0]], [1.0, 1.0], [0, 0], r"in \[0, 1\]"),
        ([[math.nan, 0.0]], [1.0, 1.0], [0, 0], r"in \[0, 1\]"),
    ],
)
def test_bad_input_is_refused(scores: Any, weights: Any, category: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        category_rewards(torch.tensor(scores), torch.tensor(weights), torch.tensor(category))


def test_bad_shapes_of_factors_are_refused() -> None:
    with pytest.raises(ValueError, match=r"\[C\]"):
        smoothed_factors(vector(1), vector(1, 1), decay=0.5, low=0.5, high=2)
    with pytest.raises(ValueError, match=r"\[C\]"):
        target_factors(vector(1), vector(1, 1), torch.tensor([0]), **FORMULA)
    with pytest.raises(ValueError, match=r"\[G\]"):
        advantages(torch.zeros(2, 2))


@pytest.mark.parametrize(
    "bad",
    [
        {"eps": 0.0},
        {"mix": 1.5},
        {"decay": 1.0},
        {"low": 0.0},
        {"low": 1.5},
        {"high": 0.9},
        {"min_valid": 2.0},
        {"period": 0},
        {"human_weights": {"style": -1.0}},
    ],
)
def test_settings_that_make_no_sense_are_refused(bad: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"must be|need"):
        POW3RSettings(**bad)


def test_the_division_by_the_deviation_removes_the_effect_of_dead_components() -> None:
    # One component tells the rollouts apart, the other is never met: its weight only scales the reward.
    scores, category = vector(1, 0, 0, 0, 1, 0, 0, 0).reshape(4, 2), torch.tensor([0, 0])
    rewards = [category_rewards(scores, vector(weight, 1), category) for weight in (1.0, 3.0)]
    plain = [advantages(values) for values in rewards]
    scaled = [advantages(values, scale_by_std=True) for values in rewards]
    assert plain[0].tolist() == [0.25, -0.25, 0.25, -0.25]
    assert plain[1].tolist() == [0.375, -0.375, 0.375, -0.375]
    assert scaled[0].tolist() == pytest.approx(scaled[1].tolist(), abs=1e-5)
    assert advantages(vector(0.3, 0.3, 0.3), scale_by_std=True).tolist() == [0.0] * 3


def test_the_loss_has_the_gradient_of_the_written_formula() -> None:
    # On-policy the gradient of the loss for a token is -(R_i - mean R) / N.
    scores, category = vector(1, 0, 1, 1, 0, 0).reshape(3, 2), torch.tensor([0, 1])
    rewards = category_rewards(scores, vector(2, 1), category)
    values = advantages(rewards)[:, None].expand(3, 2)
    log_probs = torch.full((3, 2), -1.0, dtype=torch.float64, requires_grad=True)

    def loss(current: Tensor) -> Tensor:
        old = torch.full_like(log_probs, -1.0).detach()
        streams = {"old_log_probs": old, "sampler_log_probs": old, "advantages": values}
        return policy_loss(current, **streams, weights=torch.ones_like(old), clipping=Clipping()).total / 6

    assert torch.autograd.gradcheck(loss, (log_probs,))
    [gradient] = torch.autograd.grad(loss(log_probs), log_probs)
    assert gradient[:, 0].tolist() == pytest.approx([(0.5 - r) / 6 for r in (0.5, 1.0, 0.0)])


def judged(accepted: str, *, selected: int | None = None) -> JudgementRecord:
    """Return a judgement with a run per letter, `y` for an accepted one, the largest input first."""
    runs = tuple(
        RunRecord(
            index=index,
            input_size=index + 1,
            verdict=Verdict.ACCEPTED if letter == "y" else Verdict.WRONG_ANSWER,
            cpu_time_s=0.0,
            memory_mib=1.0,
        )
        for index, letter in enumerate(accepted)
    )[::-1]
    return JudgementRecord(
        verdict=Verdict.WRONG_ANSWER,
        selected=len(accepted) if selected is None else selected,
        tests=20,
        runs=runs,
        cpu_time_s=0.0,
        judge=JudgeRecord(version="0", sandbox="none"),
    )


@pytest.mark.parametrize(
    ("judgement", "expected"),
    [
        (lambda: judged("yyyynynn"), [1.0, 1.0, 0.5, 0.0]),
        (lambda: judged("yyyn", selected=8), [1.0, 0.5, 0.0, 0.0]),
        (lambda: judged("yn"), [1.0, 1.0, 0.0, 0.0]),
        (lambda: judged("", selected=8), [0.0] * 4),
        (lambda: None, [0.0] * 4),
    ],
)
def test_quarters_of_the_tests_are_ordered_by_input_size(
    judgement: Callable[[], JudgementRecord | None], expected: list[float], episode_of: Callable[..., Any]
) -> None:
    episode = replace(episode_of(reward=0.0), judgement=judgement())
    assert list(quarter_components(episode).values()) == expected


@pytest.fixture
def group_of(problem_of: Callable[..., Problem], episode_of: Callable[..., Any]) -> Callable[..., Group]:
    def make(*judgements: str, cut: int | None = None, colour: str = "red") -> Group:
        members = []
        for sample, accepted in enumerate(judgements):
            finish = "length" if sample == cut else "stop"
            episode = episode_of(reward=0.0, sample=sample, finish_reasons=(finish,))
            episode = replace(episode, judgement=judged(accepted))
            members.append(Scored(episode=episode, row=row_of(episode, group_id=colour, policy_version=0)))
        return Group(problem=problem_of(colour), members=tuple(members))

    return make


def last_advantages(group: Group) -> list[float]:
    return [row.advantages[-1].item() for row in group.rows]


def test_at_the_start_the_reward_is_the_mean_of_the_components(group_of: Callable[..., Group]) -> None:
    group = POW3R(group_size=2).score_group(group_of("yynn", "ynnn"))
    assert [row.advantages.tolist() for row in group.rows] == [
        [0.0, 0.0, 0.125, 0.125],
        [0.0, 0.0, -0.125, -0.125],
    ]
    assert group.has_signal


def test_components_with_contrast_count_more_in_later_steps(group_of: Callable[..., Group]) -> None:
    settings = POW3RSettings(eps=0.05, mix=1.0, decay=0.0, low=0.25, high=4.0)
    algorithm = POW3R(group_size=2, settings=settings)
    before = algorithm.score_group(group_of("yynn", "ynnn"))
    assert list(algorithm.score_batch([before])) == [before]
    # Gains .05, .3, .05, .05 with mean .1125.
    dead, live = 0.05 / 0.1125, 0.3 / 0.1125
    assert algorithm.factors() == pytest.approx(
        {f"tests/quarter{number}": live if number == 2 else dead for number in range(1, 5)}
    )
    after = algorithm.score_group(group_of("yynn", "ynnn"))
    assert last_advantages(after) == pytest.approx([live / 8, -live / 8])
    assert last_advantages(before) == [0.125, -0.125]


def test_contrast_is_within_groups_and_factors_are_shared(group_of: Callable[..., Group]) -> None:
    algorithm = POW3R(group_size=2)
    # Both groups are of one mind, so there is no contrast although the groups differ.
    algorithm.score_group(group_of("yyyy", "yyyy"))
    algorithm.score_group(group_of("nnnn", "nnnn", colour="blue"))
    algorithm.score_batch([])
    assert set(algorithm.factors().values()) == {1.0}


def test_each_problem_can_have_factors_of_its_own(group_of: Callable[..., Group]) -> None:
    algorithm = POW3R(group_size=2, settings=POW3RSettings(per_problem=True))
    algorithm.score_group(group_of("yynn", "ynnn"))
    algorithm.score_group(group_of("yyyy", "yyyn", colour="blue"))
    algorithm.score_batch([])
    assert algorithm.factors() == {}
    red, blue = algorithm.factors("red-task"), algorithm.factors("blue-task")
    assert max(red, key=red.__getitem__) == "tests/quarter2"
    assert max(blue, key=blue.__getitem__) == "tests/quarter4"


def styled(scores: Mapping[int, Mapping[str, float]]) -> Callable[[EpisodeRecord], Mapping[str, float]]:
    """Return components given by the sample number of an episode."""
    return lambda episode: scores[episode.sample]


def test_categories_and_human_weights_are_kept(group_of: Callable[..., Group]) -> None:
    scores = {0: {"tests/small": 1.0, "tests/large": 0.0, "style": 0.0}, 1: {"style": 1.0}}
    settings = POW3RSettings(human_weights={"tests/small": 3.0})
    algorithm = POW3R(group_size=2, settings=settings, components=styled(scores))
    group = algorithm.score_group(group_of("y", "y"))
    # Rewards (3/4 + 0) / 2 and (0 + 1) / 2.
    assert last_advantages(group) == pytest.approx([-0.0625, 0.0625])
    algorithm.score_batch([group])
    # Half of the episodes have scores of the tests, fewer than three quarters, so their factors stay.
    assert algorithm.factors() == {"style": 1.0}


def test_scores_outside_of_the_unit_interval_are_refused(group_of: Callable[..., Group]) -> None:
    algorithm = POW3R(group_size=2, components=styled({0: {"style": 2.0}, 1: {"style": 1.0}}))
    with pytest.raises(ValueError, match=r"in \[0, 1\]"):
        algorithm.score_group(group_of("y", "y"))


def test_equal_episodes_and_single_episodes_have_no_signal(group_of: Callable[..., Group]) -> None:
    algorithm = POW3R(group_size=3)
    assert not algorithm.score_group(group_of("yynn", "yynn", "yynn")).has_signal
    assert not algorithm.score_group(group_of("yynn")).has_signal
    assert not POW3R(group_size=2, components=lambda _: {}).score_group(group_of("y", "n")).has_signal


def test_a_truncated_reply_counts_in_the_baseline_and_is_not_learned(group_of: Callable[..., Group]) -> None:
    group = POW3R(group_size=2).score_group(group_of("yyyy", "nnnn", cut=1))
    assert last_advantages(group)[0] == pytest.approx(0.5)
    assert not group.rows[1].weights["rl"].any()


def test_rows_are_not_changed(group_of: Callable[..., Group]) -> None:
    group = group_of("yyyy", "nnnn", cut=1)
    POW3R(group_size=2).score_group(group)
    assert not any(row.advantages.any() for row in group.rows)
    assert all(row.weights["rl"].any() for row in group.rows)


@pytest.mark.parametrize("per_problem", [False, True])
def test_a_resumed_run_goes_on_with_the_same_factors(
    per_problem: bool, group_of: Callable[..., Group]
) -> None:
    settings = POW3RSettings(period=2, per_problem=per_problem)
    whole, first, second = (POW3R(group_size=2, settings=settings) for _ in range(3))
    for algorithm in (whole, first):
        algorithm.score_group(group_of("yynn", "ynnn"))
        algorithm.score_batch([])
        assert algorithm.factors() == {}  # the factors change after every second step
    second.load_state_dict(json.loads(json.dumps(first.state_dict())))
    for algorithm in (whole, second):
        algorithm.score_group(group_of("yyyn", "ynnn"))
        algorithm.score_batch([])
    assert second.state_dict() == whole.state_dict()
    assert whole.factors("red-task" if per_problem else "") != {}
    with pytest.raises(ValueError, match="factors, pending and steps"):
        second.load_state_dict({"open": True})


def test_a_run_resumes_exactly(
    settings: Callable[..., RLSettings],
    stream_of: Callable[..., Any],
    judge_that: type[Any],
    weights_of: Callable[[Path], bytes],
    tmp_path: Path,
) -> None:
    def play(name: str, **changes: Any) -> tuple[bytes, dict[str, Any]]:
        algorithm = POW3R(group_size=4, settings=POW3RSettings(period=3))
        chosen = settings(out=tmp_path / name, **changes)
        train(chosen, algorithm=algorithm, judge=judge_that(), problems=stream_of())
        return weights_of(tmp_path / name), algorithm.state_dict()

    whole = play("whole")
    play("parts", steps=2)
    assert play("parts", resume=True) == whole
