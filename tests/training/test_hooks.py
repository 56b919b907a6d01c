"""The hooks of an algorithm: rounds of further episodes, prompts and groups of plans, loss components."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from codefrontier.training.errors import TrainingError
from codefrontier.training.sampling.problem_stream import ProblemStream
from codefrontier.training.sampling.verdict_cache import VerdictCache
from codefrontier.training.settings import RLSettings

if TYPE_CHECKING:  # torch takes seconds: conftest.py runs these imports before the first test
    import torch

    from codefrontier.agents.policy.policy import LocalPolicy
    from codefrontier.training.algorithms.algorithm import (
        EXPANSIONS,
        Algorithm,
        EpisodePlan,
        Group,
        ScoringContext,
        Wants,
    )
    from codefrontier.training.algorithms.grpo import GRPO
    from codefrontier.training.metrics import read_lines
    from codefrontier.training.rows import KL, RL, row_of
    from codefrontier.training.sampling.sampling import Sampler, SamplingSettings
    from codefrontier.training.trainer import train
    from codefrontier.training.updating.reference import Reference


Make = Callable[..., RLSettings]
Stream = Callable[..., ProblemStream]
Play = Callable[..., "list[Group]"]


@pytest.fixture
def play(policy: LocalPolicy, stream_of: Stream, judge_that: type[Any]) -> Play:
    """Play one problem with an algorithm and return its groups."""

    def play(algorithm: Algorithm) -> list[Group]:
        sampling = SamplingSettings(env_id="Families-single", coverage=1.0, seed=0, max_completion_tokens=16)
        sampler = Sampler(policy, algorithm, VerdictCache(judge_that()), sampling)
        return sampler.sample(stream_of().take(1), step=0).groups

    return play


def endless() -> Any:
    """Make an algorithm that always wants one episode more."""

    class Endless(Algorithm):
        def expand(self, group: Group) -> Sequence[EpisodePlan]:
            return [EpisodePlan(sample=len(group.members))]

    return Endless(group_size=1)


def test_further_episodes_are_planned_in_rounds_up_to_a_bound(play: Play) -> None:
    [group] = play(endless())
    assert [member.episode.sample for member in group.members] == list(range(1 + EXPANSIONS))


def test_a_plan_that_repeats_a_sample_number_is_refused(play: Play) -> None:
    class Repeating(Algorithm):
        def expand(self, group: Group) -> Sequence[EpisodePlan]:
            return [EpisodePlan(sample=0)]

    with pytest.raises(TrainingError, match="repeats the sample number 0"):
        play(Repeating(group_size=2))


def test_plans_have_groups_prompts_and_parents_of_their_own(play: Play) -> None:
    class Repairing(Algorithm):
        def expand(self, group: Group) -> Sequence[EpisodePlan]:
            if group.number or any(member.plan.group for member in group.members if member.plan):
                return ()
            return [
                EpisodePlan(sample=2, group=1, prompt="blue task", parent=0),
                EpisodePlan(sample=3, group=1, prompt="blue task", parent=1),
            ]

    class Once(Repairing):
        def __init__(self) -> None:
            super().__init__(group_size=2)
            self.asked = False

        def expand(self, group: Group) -> Sequence[EpisodePlan]:
            if self.asked:
                return ()
            self.asked = True
            return super().expand(group)

    first, second = play(Once())
    assert [group.number for group in (first, second)] == [0, 1]
    assert first.problem.id == second.problem.id
    assert [member.plan.parent for member in second.members if member.plan] == [0, 1]
    assert {row.group_id for row in first.rows}.isdisjoint(row.group_id for row in second.rows)
    said = [member.episode.messages[1]["content"] for member in second.members]
    assert said == ["blue task"] * 2
    assert second.rows[0].token_ids.tolist() != first.rows[0].token_ids.tolist()


def test_groups_are_scored_together_also_by_a_coroutine(play: Play) -> None:
    seen: list[tuple[int, float]] = []

    class Asking(GRPO):
        async def score_groups(self, groups: Sequence[Group], context: ScoringContext) -> Sequence[Group]:
            seen.append((len(groups), float(torch.rand(1, generator=context.generator))))
            assert context.tokenizer is not None
            return [self.score_group(group) for group in groups]

    for _ in range(2):
        [group] = play(Asking(group_size=4))
    assert seen[0] == seen[1], "the generator depends on seed and step only"
    assert seen[0][0] == 1
    assert all(row.advantages.shape == row.token_ids.shape for row in group.rows)


@pytest.mark.parametrize("all_runs", [False, True])
def test_judging_stops_early_unless_all_runs_are_wanted(
    settings: Make, stream_of: Stream, judge_that: type[Any], all_runs: bool
) -> None:
    class Counting(GRPO):
        name = "counting"
        wants = Wants(all_runs=all_runs)

    judge = judge_that()
    train(settings(steps=1), algorithm=Counting(group_size=2), judge=judge, problems=stream_of())
    assert set(judge.stopped_early) == {not all_runs}


def test_metrics_are_observed_and_the_loss_has_the_divergence_from_the_start(
    settings: Make, stream_of: Stream, judge_that: type[Any]
) -> None:
    seen: list[Mapping[str, Any]] = []

    class Anchored(GRPO):
        name = "anchored"
        wants = Wants(reference=True)

        def __init__(self, strength: float) -> None:
            super().__init__(group_size=8)
            self.coefficients = {KL: strength}

        def observe(self, metrics: Mapping[str, Any]) -> None:
            seen.append(metrics)

    far, near = settings(steps=4, prompts=4, lr=1e-2), settings(steps=4, prompts=4, lr=1e-2)
    near = replace(near, out=far.out.with_name("near"))
    for chosen, strength in ((far, 0.0), (near, 50.0)):
        train(chosen, algorithm=Anchored(strength), judge=judge_that(), problems=stream_of())
    assert [metrics["step"] for metrics in seen] == [1, 2, 3, 4] * 2
    free, anchored = (read_lines(run.out / "metrics.jsonl") for run in (far, near))
    assert free[-1]["reward_mean"] > anchored[-1]["reward_mean"]
    assert anchored[-1]["entropy"] == pytest.approx(anchored[0]["entropy"], abs=0.15)


def test_the_reference_scores_the_rows_as_the_same_model_does(
    policy: LocalPolicy, episode_of: Callable[..., Any]
) -> None:
    row = row_of(episode_of(reward=1.0), group_id="red-task", policy_version=0)
    short = replace(
        row,
        episode_id="other",
        token_ids=row.token_ids[:3],
        loss_mask=row.loss_mask[:3],
        sampler_log_probs=row.sampler_log_probs[:3],
        advantages=row.advantages[:3],
        weights={RL: row.weights[RL][:3]},
        turn_ids=row.turn_ids[:3],
    )
    scored = Reference(policy.model).score([row, short])
    assert [len(each) for each in scored] == [4, 3]
    for each in scored:
        assert each.reference_log_probs is not None
        assert each.reference_log_probs.shape == each.token_ids.shape
        assert each.reference_log_probs[0] == 0
        assert (each.reference_log_probs[1:] < 0).all()
        assert each.weights[KL].tolist() == (each.weights[RL] != 0).float().tolist()
    whole, part = (each.reference_log_probs for each in scored)
    assert whole is not None
    assert part is not None
    assert torch.allclose(whole[:3], part, atol=1e-5)
