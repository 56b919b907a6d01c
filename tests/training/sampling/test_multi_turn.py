"""Episodes of several turns as rows: what is learned from, and what a rewritten history becomes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from codefrontier.judge import Judge
from codefrontier.training.sampling.problem_stream import ProblemStream
from codefrontier.training.sampling.verdict_cache import VerdictCache

if TYPE_CHECKING:  # torch takes seconds: conftest.py runs these imports before the first test
    import torch

    from codefrontier.agents.policy.policy import LocalPolicy
    from codefrontier.training.algorithms.algorithm import Group, Scored, rows_with_signal
    from codefrontier.training.algorithms.grpo import GRPO
    from codefrontier.training.rows import Row, collate, row_of, token_counts
    from codefrontier.training.sampling.environments import TrainingEnvironment
    from codefrontier.training.sampling.exercises import Exercise
    from codefrontier.training.sampling.sampling import Sampler, SamplingSettings

Play = Callable[[Path], "tuple[list[Group], LocalPolicy]"]


@pytest.fixture
def play(stream_of: Callable[..., ProblemStream]) -> Play:
    """Play two groups of eight episodes of at most two turns in mode tool; return them with the policy."""

    def play(checkpoint: Path) -> tuple[list[Group], LocalPolicy]:
        policy = LocalPolicy.load(checkpoint)
        environment = TrainingEnvironment(env_id="Families-tool", options={"max_turns": 2})
        exercises = [
            Exercise(environment=environment, problem=problem, coverage=1.0)
            for problem in stream_of().take(2)
        ]
        settings = SamplingSettings(seed=1, max_completion_tokens=48)
        with Judge(workers=1) as judge:
            sampler = Sampler(policy, GRPO(group_size=8), VerdictCache(judge), settings)
            return sampler.sample(exercises, step=0).groups, policy

    return play


def runs(mask: list[bool]) -> list[tuple[int, int, bool]]:
    """Return the runs of equal values as (begin, end, value)."""
    found, begin = [], 0
    for place in range(1, len(mask) + 1):
        if place == len(mask) or mask[place] != mask[begin]:
            found.append((begin, place, mask[begin]))
            begin = place
    return found


@pytest.mark.sandbox
def test_observations_are_context_and_replies_are_learned(chat: Path, play: Play) -> None:
    groups, policy = play(chat)
    members = [member for group in groups for member in group.members]
    assert len(members) == 16
    episodes = {len(member.episode.steps) for member in members}
    assert episodes == {1, 2}, "some episodes submit at once, others take a turn before"
    for member in members:
        row, steps = member.row, member.episode.steps
        assert row.starts == (0,)
        assert row.sequences == [row]
        parts = runs(row.loss_mask.tolist())
        assert [learned for _, _, learned in parts] == [False, True] * len(steps)
        texts = [policy.tokenizer.decode(row.token_ids[begin:end].tolist()) for begin, end, _ in parts]
        assert texts[0] == f"<s><user>{member.episode.observation.splitlines()[0][:32]}\n"
        for turn, step in enumerate(steps):
            assert texts[2 * turn + 1].removesuffix("</s>") == step.action
            assert row.turn_ids[parts[2 * turn + 1][0]] == turn
        if len(steps) == 2:
            # The end of the reply is sampled, or else added by the template, and is context then.
            said = f"<user>{str(steps[0].observation).splitlines()[0][:32]}\n"
            assert texts[2].removeprefix("</s>") == said
        assert (row.sampler_log_probs[~row.loss_mask] == 0).all()
        assert (row.sampler_log_probs[row.loss_mask] < 0).all()


@pytest.mark.sandbox
def test_the_sampled_log_probs_are_those_of_the_whole_row(chat: Path, play: Play) -> None:
    groups, policy = play(chat)
    long = next(row for group in groups for row in group.rows if int(row.turn_ids[-1]) == 1)
    scored = torch.tensor(policy.score(long.token_ids[:1].tolist(), long.token_ids[1:].tolist()))
    learned = long.loss_mask[1:]
    assert torch.allclose(scored[learned], long.sampler_log_probs[1:][learned], atol=1e-4)


@pytest.mark.sandbox
def test_a_rewritten_history_gives_a_row_per_turn_that_shares_the_advantage(
    rewriting: Path, play: Play
) -> None:
    groups, policy = play(rewriting)
    long = [
        (member, group)
        for group in groups
        for member in group.members
        if len(member.episode.steps) == 2 and group.has_signal
    ]
    assert long
    for member, group in long:
        row = member.row
        first, second = row.sequences
        assert row.starts == (0, len(first))
        assert len(row) == len(first) + len(second)
        for part, said in (
            (first, member.episode.observation),
            (second, member.episode.steps[0].observation),
        ):
            begin, end, learned = runs(part.loss_mask.tolist())[0]
            text = policy.tokenizer.decode(part.token_ids[begin:end].tolist())
            assert (text, learned) == (f"<s><user>{str(said).splitlines()[0][:32]}\n", False)
            scored = torch.tensor(policy.score(part.token_ids[:1].tolist(), part.token_ids[1:].tolist()))
            kept = part.loss_mask[1:]
            assert torch.allclose(scored[kept], part.sampler_log_probs[1:][kept], atol=1e-4)
        values = [sorted(set(part.advantages[part.loss_mask].tolist())) for part in (first, second)]
        assert values[0] == values[1]
        # The mean of the group counts the episode once, though it gives two rows.
        mean = sum(group.rewards) / len(group.rewards)
        assert values[0] == pytest.approx([member.episode.reward - mean], abs=1e-6)
    kept_groups = [group for group in groups if group.has_signal]
    episodes = [member.episode for group in kept_groups for member in group.members]
    assert len(rows_with_signal(groups)) == sum(len(episode.steps) for episode in episodes)


@pytest.fixture
def two_sequences(episode_of: Callable[..., Any]) -> Row:
    """The row of an episode of two steps, the second of which rewrites the history."""
    episode = episode_of(reward=1.0, finish_reasons=("stop", "stop"))
    first, second = episode.steps
    again = replace(second, tokens=replace(second.tokens, starts_row=True))
    return row_of(replace(episode, steps=(first, again)), group_id="red-task", policy_version=3)


def test_a_row_is_cut_where_the_history_was_rewritten(two_sequences: Row) -> None:
    row = replace(two_sequences, advantages=0.5 * two_sequences.loss_mask)
    assert row.starts == (0, 4)
    first, second = row.sequences
    for part, turn in ((first, 0), (second, 1)):
        assert part.token_ids.tolist() == [1, 5, 10, 11]
        assert part.loss_mask.tolist() == [False, False, True, True]
        assert part.advantages.tolist() == [0, 0, 0.5, 0.5]
        assert part.weights["rl"].tolist() == [0, 0, 1, 1]
        assert part.turn_ids.tolist() == [turn] * 4
        assert (part.starts, part.reward, part.policy_version) == ((0,), 1.0, 3)
    assert token_counts([row]) == token_counts([first, second]) == {"rl": 4}
    unsampled = replace(row, loss_mask=row.loss_mask & (row.turn_ids == 1))
    assert [int(part.turn_ids[0]) for part in unsampled.sequences] == [1], "context alone is no row"


def test_a_group_counts_an_episode_of_two_sequences_once(
    two_sequences: Row, episode_of: Callable[..., Any], problem_of: Callable[..., Any]
) -> None:
    other = episode_of(reward=0.0, sample=1)
    members = (
        Scored(episode=episode_of(reward=1.0), row=two_sequences),
        Scored(episode=other, row=row_of(other, group_id="red-task", policy_version=3)),
    )
    group = GRPO(group_size=2).score_group(Group(problem=problem_of("red"), members=members))
    rows = rows_with_signal([group])
    assert [row.advantages[-1].item() for row in rows] == [0.5, 0.5, -0.5]


def test_several_sequences_are_no_line_of_a_batch(two_sequences: Row) -> None:
    with pytest.raises(ValueError, match="several sequences"):
        collate([two_sequences])
    assert collate(two_sequences.sequences).token_ids.shape == (2, 4)
