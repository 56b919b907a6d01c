"""The class `AXPO`; test_axpo.py tests the functions that it uses."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from codefrontier.problems import Problem
from codefrontier.training.settings import RLSettings

if TYPE_CHECKING:  # torch takes seconds: conftest.py runs these imports before the first test
    import torch
    from torch import Tensor

    from codefrontier.training.algorithms.algorithm import EpisodePlan, Group, Scored, ScoringContext
    from codefrontier.training.algorithms.axpo import AXPO, AXPOSettings, Call, find_tagged
    from codefrontier.training.algorithms.framework.losses import Clipping, policy_loss
    from codefrontier.training.metrics import read_lines
    from codefrontier.training.rows import RL, collate, row_of, token_counts
    from codefrontier.training.trainer import train

OPEN, CLOSE = 8, 9
"""Ids of the tags; the prompt has the id 1, thinking 5, arguments of a call 7."""
STD = math.sqrt(0.25)  # sample standard deviation of one right answer among four


@pytest.fixture
def member_of(episode_of: Callable[..., Any]) -> Callable[..., Scored]:
    def make(
        sample: int, reward: float, *, call: float | None = None, replies: int = 1, cut: bool = False
    ) -> Scored:
        """Return an episode of thinking and, at the given probability of its tokens, a call."""
        episode = episode_of(
            reward=reward, sample=sample, finish_reasons=("length" if cut else "stop",) * replies
        )
        log_prob = math.log(call or 0.5)
        ids = [1, 5, OPEN, 7, CLOSE] if call is not None else [1, 5, 7]
        first = episode.steps[0]
        span = replace(
            first.tokens,
            ids=tuple(ids),
            loss_mask=(False, *[True] * (len(ids) - 1)),
            log_probs=(0.0, -0.5, *[log_prob] * (len(ids) - 2)),
        )
        episode = replace(episode, steps=(replace(first, tokens=span), *episode.steps[1:]))
        return Scored(episode=episode, row=row_of(episode, group_id="red", policy_version=0))

    return make


@pytest.fixture
def group_of(problem_of: Callable[..., Problem]) -> Callable[..., Group]:
    def make(*members: Scored, colour: str = "red") -> Group:
        return Group(problem=problem_of(colour), members=members)

    return make


def axpo(group_size: int = 4, **settings: Any) -> AXPO:
    tags = {"open_ids": settings.pop("open_ids", (OPEN,)), "close_ids": settings.pop("close_ids", (CLOSE,))}
    return AXPO(
        group_size=group_size,
        settings=AXPOSettings(**{"share": 0.5, "continuations": 2, **settings}),
        find_call=lambda member: find_tagged(member.row.token_ids, member.row.loss_mask, **tags),
    )


def expand(algorithm: AXPO, *groups: Group) -> Sequence[EpisodePlan]:
    """Return the further plans of groups that are played together."""
    context = ScoringContext(step=0, generator=torch.Generator(), tokenizer=None)
    return [plan for plans in algorithm.expand_groups(groups, context) for plan in plans]


@pytest.fixture
def wrong_calls(member_of: Callable[..., Scored], group_of: Callable[..., Group]) -> Callable[..., Group]:
    def make(colour: str = "red", *, calls: tuple[float, float] = (0.9, 0.2), right: float = 1.0) -> Group:
        """Return a group of two wrong rollouts with a call and two without."""
        first, second = calls
        return group_of(
            member_of(0, 0.0, call=first),
            member_of(1, 0.0, call=second),
            member_of(2, right),
            member_of(3, 0.0),
            colour=colour,
        )

    return make


def test_the_most_uncertain_call_is_sampled_again(wrong_calls: Callable[..., Group]) -> None:
    plans = expand(axpo(), wrong_calls())
    assert [(plan.sample, plan.prefix_ids) for plan in plans] == [(4, (5, OPEN)), (5, (5, OPEN))]


def test_other_groups_are_not_expanded(
    member_of: Callable[..., Scored], group_of: Callable[..., Group]
) -> None:
    assert not expand(axpo(), group_of(*(member_of(sample, 0.0) for sample in range(4))))
    recovered = group_of(member_of(0, 0.0, call=0.5), member_of(1, 1.0, call=0.5), *(member_of(2, 0.0),) * 2)
    assert not expand(axpo(), recovered)
    assert not axpo(open_ids=()).expand(group_of(*(member_of(sample, 0.0, call=0.5) for sample in range(4))))
    assert not expand(axpo(), group_of())


def test_a_call_in_the_first_of_several_replies_is_sampled_again_from_the_start(
    member_of: Callable[..., Scored], group_of: Callable[..., Group]
) -> None:
    long, single = member_of(0, 0.0, call=0.1, replies=2), member_of(1, 0.0, call=0.9)
    others = (member_of(2, 0.0), member_of(3, 0.0))
    plans = expand(axpo(), group_of(long, single, *others))
    assert [(plan.sample, plan.parent, plan.prefix_ids) for plan in plans] == [
        (4, 0, (5, OPEN)),
        (5, 0, (5, OPEN)),
    ]
    assert [plan.snapshot for plan in plans] == [None, None]
    right = member_of(0, 1.0, call=0.1, replies=2)
    assert expand(axpo(), group_of(right, single, *others)) == []


def test_a_call_in_a_later_reply_is_continued_from_the_snapshot_before_it(
    member_of: Callable[..., Scored], group_of: Callable[..., Group]
) -> None:
    first, second = member_of(0, 0.0, replies=1), member_of(0, 0.0, call=0.1)
    steps = (*first.episode.steps, *second.episode.steps)
    episode = replace(first.episode, steps=steps)
    late = Scored(episode=episode, row=row_of(episode, group_id="red", policy_version=0))
    others = [member_of(sample, 0.0) for sample in (1, 2, 3)]
    assert not expand(axpo(), group_of(late, *others)), "there is no snapshot"
    branch: Any = object()
    plans = expand(axpo(), group_of(replace(late, branches={1: branch}), *others))
    assert [(plan.snapshot, plan.prefix_ids) for plan in plans] == [(branch, (5, OPEN))] * 2


def test_credit_of_earlier_groups_pays_for_later_ones(wrong_calls: Callable[..., Group]) -> None:
    algorithm = axpo(share=0.25)  # one additional episode per group of four; a prefix costs two
    numbers = [
        len(expand(algorithm, wrong_calls(colour))) for colour in ("red", "blue", "green", "pink", "grey")
    ]
    assert numbers == [0, 2, 0, 2, 0]
    assert algorithm.state_dict() == {"credit": 1.0}
    resumed = axpo(share=0.25)
    resumed.load_state_dict(json.loads(json.dumps(algorithm.state_dict())))
    assert len(expand(resumed, wrong_calls())) == 2


def test_credit_does_not_pile_up_over_steps(wrong_calls: Callable[..., Group]) -> None:
    algorithm = axpo(share=1.25, open_ids=())
    expand(algorithm, wrong_calls())
    assert list(algorithm.score_batch([])) == []
    assert algorithm.state_dict() == {"credit": 1.0}  # five episodes, less two prefixes of two


@pytest.mark.parametrize("bad", [{}, {"credit": -1.0}, {"credit": math.nan}, {"open": True}])
def test_another_state_is_refused(bad: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="credit"):
        axpo().load_state_dict(bad)


def test_continuations_are_not_expanded_again(wrong_calls: Callable[..., Group]) -> None:
    algorithm, group = axpo(), wrong_calls()
    assert expand(algorithm, group)
    assert not expand(algorithm, group)
    algorithm.score_batch([group])
    assert expand(algorithm, group)  # the problem comes again in a later step


def numbers(algorithm: AXPO, groups: Sequence[Group]) -> list[int]:
    """Return the number of further plans for each group."""
    context = ScoringContext(step=0, generator=torch.Generator(), tokenizer=None)
    return [len(plans) for plans in algorithm.expand_groups(groups, context)]


def test_the_budget_of_a_batch_goes_to_the_most_uncertain_calls(wrong_calls: Callable[..., Group]) -> None:
    groups = [
        wrong_calls("red"),
        wrong_calls("blue", calls=(0.1, 0.3)),
        wrong_calls("pink", calls=(0.8, 0.7)),
    ]
    # A quarter of 12 rollouts is one prefix of two continuations, and one episode that is not used.
    assert numbers(axpo(share=0.25), groups) == [0, 2, 0]
    assert numbers(axpo(share=0.5), groups) == [2, 2, 2]
    assert numbers(axpo(share=0.75), groups) == [2, 4, 2]
    assert numbers(axpo(), []) == []


def played(algorithm: AXPO, group: Group, member_of: Callable[..., Scored], *rewards: float) -> Group:
    """Expand a group, and score it with continuations of the given rewards."""
    plans = list(expand(algorithm, group))
    assert len(plans) == len(rewards)
    tries = [member_of(plan.sample, reward) for plan, reward in zip(plans, rewards, strict=True)]
    return algorithm.score_group(Group(problem=group.problem, members=(*group.members, *tries)))


def streams(group: Group) -> list[tuple[list[float], list[float]]]:
    """Return advantages and weights of each row."""
    return [(row.advantages.tolist(), row.weights[RL].tolist()) for row in group.rows]


def test_prefix_and_continuations_get_their_own_advantages(
    wrong_calls: Callable[..., Group], member_of: Callable[..., Scored]
) -> None:
    group = wrong_calls()
    found = streams(played(axpo(scale_by_std=False), group, member_of, 1.0, 0.0))
    assert found == [
        ([0.0] + [-0.25] * 4, [0.0] + [1.0] * 4),  # not selected: as in GRPO
        ([0.0, 0.5, 0.5, 0.0, 0.0], [0.0, 1.0, 1.0, 0.0, 0.0]),  # the prefix: 1 less the mean of 0, 1, 1, 0
        ([0.0, 0.75, 0.75], [0.0, 1.0, 1.0]),
        ([0.0, -0.25, -0.25], [0.0, 1.0, 1.0]),
        ([0.0, 0.5, 0.5], [0.0, 1.0, 1.0]),  # continuations among themselves
        ([0.0, -0.5, -0.5], [0.0, 1.0, 1.0]),
    ]
    assert not any(row.advantages.any() for row in group.rows)


def test_a_group_of_wrong_rollouts_is_revived_by_one_right_continuation(
    wrong_calls: Callable[..., Group], member_of: Callable[..., Scored]
) -> None:
    assert not axpo().score_group(wrong_calls(right=0.0)).has_signal
    assert played(axpo(), wrong_calls(right=0.0), member_of, 0.0, 1.0).has_signal
    assert not played(axpo(), wrong_calls(right=0.0), member_of, 0.0, 0.0).has_signal


def test_without_expansion_it_is_grpo(wrong_calls: Callable[..., Group]) -> None:
    found = streams(axpo(scale_by_std=False).score_group(wrong_calls()))
    assert [advantages[-1] for advantages, _ in found] == [-0.25, -0.25, 0.75, -0.25]
    scaled = streams(axpo().score_group(wrong_calls()))
    assert [advantages[-1] for advantages, _ in scaled] == pytest.approx(
        [-0.25 / STD] * 2 + [0.75 / STD] + [-0.25 / STD], rel=1e-4
    )


def test_ablations_leave_the_selected_rollout_as_it_is(
    wrong_calls: Callable[..., Group], member_of: Callable[..., Scored]
) -> None:
    for switch in ("prefix_credit", "fix_prefix"):
        found = streams(
            played(axpo(scale_by_std=False, **{switch: False}), wrong_calls(), member_of, 1.0, 0.0)
        )
        assert found[1] == ([0.0] + [-0.25] * 4, [0.0] + [1.0] * 4)
        assert [advantages[-1] for advantages, _ in found[4:]] == [0.5, -0.5]
    whole = expand(axpo(fix_prefix=False), wrong_calls())
    assert [plan.prefix_ids for plan in whole] == [(), ()]
    first = expand(axpo(rank=False), wrong_calls())
    assert len(first) == 2


def test_continuations_can_share_the_group(
    wrong_calls: Callable[..., Group], member_of: Callable[..., Scored]
) -> None:
    found = streams(played(axpo(scale_by_std=False, own_group=False), wrong_calls(), member_of, 1.0, 0.0))
    # The mean of 0, 0, 1, 0, 1, 0 is 1/3; with the prefix recovered it is 1/2.
    assert found[1][0] == pytest.approx([0.0, 0.5, 0.5, 0.0, 0.0])
    assert [found[place][0][-1] for place in (0, 2, 3, 4, 5)] == pytest.approx(
        [-1 / 3, 2 / 3, -1 / 3, 2 / 3, -1 / 3]
    )


def test_rollouts_without_a_call_can_be_sampled_again(
    wrong_calls: Callable[..., Group], member_of: Callable[..., Scored]
) -> None:
    algorithm = axpo(scale_by_std=False, resample_calls=False)
    assert not expand(algorithm, wrong_calls())  # a rollout without a call is right
    group = wrong_calls("blue", right=0.0)
    found = played(algorithm, group, member_of, 1.0, 0.0)
    assert [row.advantages[-1].item() for row in found.rows] == [0.0, 0.0, 0.0, 0.0, 0.5, -0.5]
    assert all(row.weights[RL][1:].all() for row in found.rows)


def test_cut_replies_are_not_learned_but_their_prefix_is(
    member_of: Callable[..., Scored], group_of: Callable[..., Group]
) -> None:
    group = group_of(
        member_of(0, 0.0, call=0.5, cut=True), member_of(1, 0.0, cut=True), *(member_of(2, 0.0),)
    )
    found = streams(played(axpo(3, share=1.0, scale_by_std=False), group, member_of, 1.0, 1.0))
    assert found[0][0] == pytest.approx([0.0, 2 / 3, 2 / 3, 0.0, 0.0])
    assert found[0][1] == [0.0, 1.0, 1.0, 0.0, 0.0]
    assert found[1][1] == [0.0] * 3


def test_invalid_continuations_are_left_out(
    wrong_calls: Callable[..., Group], member_of: Callable[..., Scored]
) -> None:
    for kept, advantage in ((1.0, 0.5), (None, -0.25)):
        algorithm, group = axpo(scale_by_std=False), wrong_calls()
        expand(algorithm, group)
        tries = () if kept is None else (member_of(5, kept),)
        found = streams(algorithm.score_group(Group(problem=group.problem, members=(*group.members, *tries))))
        assert found[1][0][1] == advantage
        assert not any(any(advantages) for advantages, _ in found[4:])  # one continuation has no baseline


def test_too_few_rollouts_have_no_baseline(
    member_of: Callable[..., Scored], group_of: Callable[..., Group]
) -> None:
    assert not axpo().score_group(group_of(member_of(0, 1.0, call=0.5))).has_signal
    assert not axpo().score_group(group_of()).has_signal


def test_the_loss_has_the_gradient_of_the_written_formula(
    wrong_calls: Callable[..., Group], member_of: Callable[..., Scored]
) -> None:
    rows = played(axpo(scale_by_std=False), wrong_calls(), member_of, 1.0, 0.0).rows
    batch = collate(rows)
    old = batch.sampler_log_probs.double()
    current = old.clone().requires_grad_()
    count = token_counts(rows)[RL]

    def loss(values: Tensor) -> Tensor:
        return (
            policy_loss(
                values,
                old_log_probs=old,
                sampler_log_probs=old,
                advantages=batch.advantages.double(),
                weights=batch.weights[RL].double(),
                clipping=Clipping(),
            ).total
            / count
        )

    assert torch.autograd.gradcheck(loss, (current,))
    [gradient] = torch.autograd.grad(loss(current), current)
    # Tokens learned from: 4 of the rollout that was not selected, 2 of the prefix, 2 of each other reply.
    assert count == 4 + 2 + 2 + 2 + 2 + 2
    by_hand = [[-0.25] * 4, [0.5, 0.5, 0, 0], [0.75] * 2, [-0.25] * 2, [0.5] * 2, [-0.5] * 2]
    for found, values in zip(gradient.tolist(), by_hand, strict=True):
        assert found == pytest.approx([-value / count for value in values] + [0.0] * (4 - len(values)))


def test_a_function_can_find_the_calls(wrong_calls: Callable[..., Group]) -> None:
    algorithm = AXPO(
        group_size=4,
        settings=AXPOSettings(share=0.5, continuations=2),
        find_call=lambda member: Call(start=1, open=2, fork=2, end=3) if len(member.row) > 3 else None,
    )
    assert [plan.prefix_ids for plan in expand(algorithm, wrong_calls())] == [(5,), (5,)]


def test_a_run_samples_calls_again_and_resumes_exactly(
    settings: Callable[..., RLSettings],
    tokenizer: Any,
    stream_of: Callable[..., Any],
    judge_that: type[Any],
    weights_of: Callable[[Path], bytes],
    tmp_path: Path,
) -> None:
    # In the language of the fixtures the call is what a program prints.
    [call] = tokenizer.encode("print(", add_special_tokens=False)

    def play(name: str, **changes: Any) -> bytes:
        chosen = settings(out=tmp_path / name, **{"prompts": 6, "refill_rounds": 0, **changes})
        algorithm = axpo(2, open_ids=(call,), close_ids=(), share=1.0)
        train(chosen, algorithm=algorithm, judge=judge_that(), problems=stream_of())
        return weights_of(tmp_path / name)

    whole = play("whole")
    lines = read_lines(tmp_path / "whole" / "metrics.jsonl")
    # Two episodes on each of six problems are planned.
    assert any(line["episodes"] > 12 for line in lines)
    play("parts", steps=2)
    assert play("parts", resume=True) == whole
