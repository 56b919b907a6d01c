from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codefrontier.agents import EpisodeRecord, JudgementRecord, JudgeRecord, RunRecord
from codefrontier.judge import Verdict
from codefrontier.problems import Problem
from codefrontier.training.sampling.verdict_cache import VerdictCache
from codefrontier.training.settings import TrainEnvOptions

if TYPE_CHECKING:  # torch takes seconds: conftest.py runs these imports before the first test
    import torch
    from torch import Tensor

    from codefrontier.agents.policy.policy import LocalPolicy
    from codefrontier.training.algorithms.algorithm import Group, Scored, ScoringContext
    from codefrontier.training.algorithms.repro import (
        RePro,
        ReProSettings,
        filled,
        rank_correlation,
        retrospective_progress,
        sign_agreement,
        stated_progress,
        step_advantages,
        step_groups,
        step_rewards,
        true_progress,
    )
    from codefrontier.training.rows import row_of
    from codefrontier.training.trainer import Trainer


def vectors(*values: list[float]) -> list[Tensor]:
    return [torch.tensor(each, dtype=torch.float64) for each in values]


@pytest.mark.parametrize(
    ("text", "progress"),
    [
        ("<progress>40%</progress>", 0.4),
        ("<Progress> 12.5 </Progress> done", 0.125),
        ("Progress: 10%\nProgress = 30 %", 0.3),
        ("Progress: 0%", 0.0),
        ("Progress: 100%", 1.0),
        ("Progress: 101%", None),
        ("Progress: -1%", None),
        ("<progress>1.2.3</progress>", None),
        ("Progress: 40", None),
        ("no progress", None),
        ("", None),
    ],
)
def test_the_last_statement_in_a_reply_counts(text: str, progress: float | None) -> None:
    assert stated_progress(text) == progress


def test_another_form_of_statement() -> None:
    assert stated_progress("I am at 0050 of 100", pattern=r"at (\d+) of 100") == 0.5
    with pytest.raises(ValueError, match="must have a group"):
        stated_progress("50", pattern=r"\d+")


def test_labels_are_read_per_step_and_success_ends_at_one() -> None:
    text = "Step 1: 20%\n- step 2 = 150%\nStep 3: 10%\nStep 3: 60%\nStep 9: 1%\nStep 99999999999: 1%"
    assert retrospective_progress(text, steps=4, solved=False) == [0.2, None, 0.6, None]
    assert retrospective_progress(text, steps=4, solved=True) == [0.2, None, 0.6, 1.0]
    assert retrospective_progress(text, steps=3, solved=True, anchor_success=False) == [0.2, None, 0.6]
    assert retrospective_progress("", steps=1, solved=False) == [None]
    with pytest.raises(ValueError, match="at least 1"):
        retrospective_progress(text, steps=0, solved=True)


def test_true_progress_is_the_share_of_test_groups() -> None:
    verdicts = [Verdict.ACCEPTED] * 5 + [Verdict.TIME_LIMIT_EXCEEDED]
    runs = tuple(
        RunRecord(index=i, input_size=i, verdict=verdict, cpu_time_s=0.0, memory_mib=1.0)
        for i, verdict in enumerate(verdicts)
    )
    judgement = JudgementRecord(
        verdict=Verdict.TIME_LIMIT_EXCEEDED,
        selected=6,
        tests=6,
        runs=runs,
        cpu_time_s=0.0,
        judge=JudgeRecord(version="0", sandbox="none"),
    )
    assert true_progress(judgement) == pytest.approx(2 / 3)
    assert true_progress(judgement, groups=2) == 0.5
    with pytest.raises(ValueError, match="judging stopped"):
        true_progress(replace(judgement, runs=runs[:5]))


def test_unknown_progress_repeats_what_was_known() -> None:
    assert filled([None, 0.5, None]).tolist() == [0.0, 0.0, 0.5, 0.5]
    assert filled([0.5], start=0.25).tolist() == [0.25, 0.5]
    assert filled([]).tolist() == [0.0]
    for bad in (1.1, -0.1, math.nan):
        with pytest.raises(ValueError, match=r"\[0, 1\]"):
            filled([bad])


def test_rewards_of_steps() -> None:
    # Worked by hand with beta 2, align 0.5, malformed 0.25: the differences in progress are 0.5, -0.25, 0.75.
    rewards = step_rewards(
        [0.0, 0.0, 1.0],
        [0.5, 0.25, 1.0],
        stated=[0.3, None, 1.0],
        beta=2.0,
        align=0.5,
        malformed=0.25,
    )
    assert rewards.tolist() == pytest.approx([1.0 - 0.1, -0.5 - 0.25, 2.5])
    assert step_rewards([0.0, 1.0], [0.5, 1.0]).tolist() == [0.5, 1.5]


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8), st.floats(0, 3))
def test_rewards_for_progress_add_up_to_the_progress_made(labels: list[float], beta: float) -> None:
    total = step_rewards([0.0] * len(labels), labels, beta=beta).sum().item()
    assert total == pytest.approx(beta * labels[-1], abs=1e-9)


def test_sequences_of_unlike_length_are_refused() -> None:
    with pytest.raises(ValueError, match="one value per step"):
        step_rewards([0.0], [0.5, 1.0])
    with pytest.raises(ValueError, match="one value per step"):
        step_rewards([0.0], [0.5], stated=[])


def test_steps_from_equal_states_are_numbered_alike() -> None:
    groups = step_groups([["a", "b", "a"], ["a", "c"], []])
    assert [each.tolist() for each in groups] == [[0, 1, 0], [0, 2], []]


def test_advantages_compare_episodes_and_steps_from_equal_states() -> None:
    # Worked by hand. Returns of episodes: 1 and 0; of steps with gamma 0.5: (0.5, 1) and (0, 0).
    # State 0 is shared: returns 0.5 and 0, centred 0.25 and -0.25. The others occur once.
    rewards = vectors([0.0, 1.0], [0.0, 0.0])
    groups = step_groups([["s", "a"], ["s", "b"]])
    advantages = step_advantages(rewards, groups, gamma=0.5, omega=2.0, scale_by_std=False)
    assert [each.tolist() for each in advantages] == [[0.5 + 0.5, 0.5], [-0.5 - 0.5, -0.5]]
    scaled = step_advantages(rewards, groups, gamma=0.5)
    root = math.sqrt(0.5)
    assert scaled[0].tolist() == pytest.approx([2 * root, root], abs=1e-4)


@given(
    st.lists(
        st.lists(st.tuples(st.floats(-1, 1), st.integers(0, 2)), min_size=1, max_size=4),
        min_size=1,
        max_size=5,
    )
)
def test_steps_from_equal_states_sum_to_zero(episodes: list[list[tuple[float, int]]]) -> None:
    rewards = vectors(*[[reward for reward, _ in episode] for episode in episodes])
    groups = step_groups([[state for _, state in episode] for episode in episodes])
    both, alone = (step_advantages(rewards, groups, omega=omega, scale_by_std=False) for omega in (1, 0))
    assert sum(each[0].item() for each in alone) == pytest.approx(0, abs=1e-9)
    among = torch.cat(both) - torch.cat(alone)
    numbers = torch.cat(groups)
    for number in set(numbers.tolist()):
        assert among[numbers == number].sum().item() == pytest.approx(0, abs=1e-9)


def test_without_omega_it_is_the_episode_advantage() -> None:
    rewards = vectors([0.0, 1.0], [0.0])
    advantages = step_advantages(rewards, step_groups([["s", "a"], ["s"]]), omega=0.0, scale_by_std=False)
    assert [each.tolist() for each in advantages] == [[0.5, 0.5], [-0.5]]


def test_one_episode_and_equal_episodes_give_nothing() -> None:
    one = step_advantages(vectors([0.3, 0.1]), step_groups([["a", "b"]]))
    assert not one[0].any()
    equal = step_advantages(vectors([0.1], [0.1], [0.1]), step_groups([["a"], ["a"], ["a"]]))
    assert not torch.cat(equal).any()
    assert step_advantages([], []) == []


def test_the_written_formula_is_the_gradient() -> None:
    groups = step_groups([["a", "b"], ["a", "c"]])

    def flat(first: Tensor, second: Tensor) -> Tensor:
        return torch.cat(step_advantages([first, second], groups))

    first, second = (each.requires_grad_() for each in vectors([0.1, 0.9], [0.4, -0.2]))
    assert torch.autograd.gradcheck(flat, (first, second))


def test_bad_rewards_are_refused() -> None:
    groups = step_groups([["a", "b"]])
    with pytest.raises(ValueError, match=r"must be \[T\]"):
        step_advantages(vectors([0.0]), groups)
    with pytest.raises(ValueError, match=r"must be \[T\]"):
        step_advantages([torch.zeros(1, 2)], [torch.zeros(1, 2)])
    with pytest.raises(ValueError, match="finite"):
        step_advantages(vectors([0.0, math.nan]), groups)
    with pytest.raises(ValueError, match="gamma"):
        step_advantages(vectors([0.0, 0.0]), groups, gamma=1.5)


def test_signs_agree_where_neither_value_is_zero() -> None:
    estimates, truths = vectors([0.1, -0.2, 0.3, 0.0, 0.5], [1.0, -1.0, -1.0, 1.0, 0.0])
    assert sign_agreement(estimates, truths) == pytest.approx(2 / 3)
    assert sign_agreement(estimates[:0], truths[:0]) is None
    assert sign_agreement(estimates, torch.zeros_like(truths)) is None


def test_rank_correlation_shares_the_ranks_of_equal_values() -> None:
    # Worked by hand: ranks (1, 2.5, 2.5, 4) and (1, 2, 3, 4): covariance 4.5, scales 4.5 and 5.
    first, second = vectors([0.0, 0.5, 0.5, 1.0], [1.0, 2.0, 3.0, 4.0])
    assert rank_correlation(first, second) == pytest.approx(4.5 / math.sqrt(4.5 * 5))
    assert rank_correlation(second, second.exp()) == 1.0
    assert rank_correlation(second, -second) == -1.0
    assert rank_correlation(second, torch.ones_like(second)) is None
    assert rank_correlation(second[:0], second[:0]) is None


@pytest.mark.parametrize("measure", ["sign_agreement", "rank_correlation"])
def test_vectors_of_unlike_length_are_refused(measure: str) -> None:
    compare = globals()[measure]
    with pytest.raises(ValueError, match="one length"):
        compare(torch.zeros(2), torch.zeros(3))
    with pytest.raises(ValueError, match="finite"):
        compare(torch.tensor([math.nan]), torch.zeros(1))


@pytest.fixture
def group_of(problem_of: Callable[..., Problem], episode_of: Callable[..., Any]) -> Callable[..., Group]:
    def make(*episodes: list[tuple[str, str, float]], cut: int | None = None) -> Group:
        """Make a group of episodes of (action, observation after it, reward)."""
        members = []
        for sample, steps in enumerate(episodes):
            finish = ("length" if sample == cut else "stop",) * len(steps)
            episode = episode_of(reward=sum(step[2] for step in steps), sample=sample, finish_reasons=finish)
            records = tuple(
                replace(record, action=action, observation=observation, reward=reward)
                for record, (action, observation, reward) in zip(episode.steps, steps, strict=True)
            )
            episode = replace(episode, steps=records)
            row = row_of(episode, group_id="red-task", policy_version=0)
            members.append(Scored(episode=episode, row=row))
        return Group(problem=problem_of("red"), members=tuple(members))

    return make


PLAIN: dict[str, Any] = {"align": 0.0, "malformed": 0.0, "gamma": 1.0, "scale_by_std": False}
GOOD = [("Progress: 50%", "half", 0.0), ("Progress: 100%", "done", 1.0)]
BAD = [("Progress: 50%", "half", 0.0), ("Progress: 50%", "half", 0.0)]


def test_stated_progress_rewards_turns(group_of: Callable[..., Group]) -> None:
    group = RePro(group_size=2, settings=ReProSettings(**PLAIN)).score_group(group_of(GOOD, BAD))
    # Worked by hand: returns of episodes 2 and 0.5, centred 0.75. Turns from the first state: 2 and 0.5; from
    # `half`: 1.5 and 0.
    assert group.rows[0].advantages.tolist() == [0, 0, 1.5, 1.5, 0, 0, 1.5, 1.5]
    assert group.rows[1].advantages.tolist() == [0, 0, -1.5, -1.5, 0, 0, -1.5, -1.5]


def test_retrospections_of_the_policy_are_labels_and_are_not_learned(
    group_of: Callable[..., Group],
) -> None:
    settings = ReProSettings(**{**PLAIN, "align": 1.0, "retrospect": "policy"})
    algorithm, group = RePro(group_size=2, settings=settings), group_of(GOOD, BAD)
    plans = algorithm.expand(group)
    assert [(plan.sample, plan.group, plan.parent, plan.turns) for plan in plans] == [
        (2, 1, 0, 1),
        (3, 1, 1, 1),
    ]
    assert not algorithm.expand(group)
    prompt = plans[0].prompt or ""
    assert group.members[0].episode.steps[0].action in prompt
    assert "nothing was submitted" in prompt
    members = []
    for plan, member in zip(plans, group.members, strict=True):
        step = replace(member.episode.steps[0], action="Step 1: 0%\nStep 2: 0%")
        episode = replace(member.episode, sample=plan.sample, steps=(step,))
        members.append(replace(member, episode=episode, plan=plan))
    said = Group(problem=group.problem, members=tuple(members), number=1)
    context = ScoringContext(step=0, generator=torch.Generator(), tokenizer=None)
    found: Any = algorithm.score_groups([group, said], context)
    zero = RePro(group_size=2, settings=settings, retrospect=lambda episode: [0.0] * len(episode.steps))
    by_hand = zero.score_group(group)
    assert [row.advantages.tolist() for row in found[0].rows] == [
        row.advantages.tolist() for row in by_hand.rows
    ]
    assert not found[1].has_signal


def test_an_episode_whose_retrospection_did_not_fit_the_context_keeps_what_it_stated(
    group_of: Callable[..., Group],
) -> None:
    settings = ReProSettings(**{**PLAIN, "retrospect": "policy"})
    algorithm, group = RePro(group_size=2, settings=settings), group_of(GOOD, BAD)
    members = [
        replace(member, episode=replace(member.episode, sample=plan.sample, steps=()), plan=plan)
        for plan, member in zip(algorithm.expand(group), group.members, strict=True)
    ]
    said = Group(problem=group.problem, members=tuple(members), number=1)
    context = ScoringContext(step=0, generator=torch.Generator(), tokenizer=None)
    found: Any = algorithm.score_groups([group, said], context)
    stated = RePro(group_size=2, settings=ReProSettings(**PLAIN)).score_group(group)
    assert [row.advantages.tolist() for row in found[0].rows] == [
        row.advantages.tolist() for row in stated.rows
    ]


def test_retrospections_of_the_policy_do_not_count_in_the_metrics(
    tool_start: Path, settings: Any, stream_of: Any, judge_that: Any
) -> None:
    chosen = settings(
        init=tool_start,
        env=("Families-tool",),
        env_options=TrainEnvOptions(max_turns=2),
        prompts=3,
        refill_rounds=0,
        max_completion_tokens=8,
    )
    seen: list[Group] = []

    class Noting(RePro):
        def score_groups(self, groups: Sequence[Group], context: ScoringContext) -> Any:
            seen.extend(groups)
            return super().score_groups(groups, context)

    algorithm = Noting(group_size=4, settings=ReProSettings(retrospect="policy"))
    policy = LocalPolicy.load(tool_start)
    line = Trainer(chosen, policy, algorithm, VerdictCache(judge_that()), stream_of()).take_step()
    rewards: dict[int, list[float]] = {0: [], 1: []}
    for group in seen:
        rewards[group.number] += group.rewards
    assert len(rewards[0]) == len(rewards[1]) == 12
    assert sum(rewards[1]) > 12 * -0.1, "some retrospection has a reward that would count"
    assert line["reward_mean"] == pytest.approx(sum(rewards[0]) / 12)
    assert (line["episodes"], line["retrospections"], line["groups"]) == (24, 12, 3)


def test_retrospection_replaces_what_was_stated(group_of: Callable[..., Group]) -> None:
    def hindsight(episode: EpisodeRecord) -> list[float | None]:
        return retrospective_progress("Step 1: 0%\nStep 2: 0%", steps=2, solved=episode.reward == 1)

    weights = ReProSettings(**{**PLAIN, "align": 1.0})
    group = RePro(group_size=2, retrospect=hindsight, settings=weights).score_group(group_of(GOOD, BAD))
    # Rewards: (-0.5, 1 + 1) and (-0.5, -0.5): both overstated the first turn, the bad one the second, too.
    assert group.rows[0].advantages[2].item() == pytest.approx(1.25 + 1.25)


def test_a_missing_statement_costs(group_of: Callable[..., Group]) -> None:
    weights = ReProSettings(**{**PLAIN, "malformed": 0.5})
    silent = [("hello", "half", 0.0), ("hello", "half", 0.0)]
    group = RePro(group_size=2, settings=weights).score_group(group_of(BAD, silent))
    assert group.rows[0].advantages[2] > 0 > group.rows[1].advantages[2]


def test_cut_and_lonely_episodes_are_not_learned(group_of: Callable[..., Group]) -> None:
    group = RePro(group_size=2).score_group(group_of(GOOD, BAD, cut=0))
    assert not group.rows[0].weights["rl"].any()
    assert group.rows[1].has_signal
    assert not RePro(group_size=2).score_group(group_of(GOOD)).has_signal
    assert not RePro(group_size=2).score_group(group_of([], [])).has_signal


def test_it_trains_on_hindsight(policy: Any, settings: Any, stream_of: Any, judge_that: Any) -> None:
    def hindsight(episode: EpisodeRecord) -> list[float | None]:
        return retrospective_progress("", steps=len(episode.steps), solved=episode.reward == 1)

    chosen = settings(prompts=4, group=4, lr=1e-2, refill_rounds=0)
    algorithm = RePro(group_size=4, retrospect=hindsight)
    trainer = Trainer(chosen, policy, algorithm, VerdictCache(judge_that()), stream_of())
    lines = [trainer.take_step() for _ in range(10)]
    assert lines[-1]["reward_mean"] > lines[0]["reward_mean"]
