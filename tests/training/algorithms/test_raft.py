from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from codefrontier.training.tracking.catalogue import METRICS

if TYPE_CHECKING:  # torch takes seconds: conftest.py runs these imports before the first test
    from codefrontier.training.algorithms.algorithm import Group
    from codefrontier.training.algorithms.framework.registry import make_algorithm
    from codefrontier.training.algorithms.raft import RAFT
    from codefrontier.training.algorithms.verified import VerifiedGRPO
    from codefrontier.training.rows import CE, RL


def test_only_rewarded_replies_are_learned(scored_group: Callable[..., Group]) -> None:
    scored = RAFT(group_size=3).score_group(scored_group(1.0, 0.0, 1.0))
    learned = [bool((row.weights[CE] != 0).any()) for row in scored.rows]
    assert learned == [True, False, True]
    for row in scored.rows:
        assert not row.weights[RL].any()
        assert not row.weights[CE][~row.loss_mask].any()
    assert scored.has_signal
    assert not RAFT(group_size=2).score_group(scored_group(0.0, 0.0)).has_signal


def test_a_cut_reply_is_not_learned(scored_group: Callable[..., Group]) -> None:
    scored = RAFT(group_size=2).score_group(scored_group(1.0, 1.0, cut=0))
    assert [bool(row.weights[CE].any()) for row in scored.rows] == [False, True]


def test_the_threshold_is_an_option() -> None:
    algorithm = make_algorithm("raft", group_size=4, options={"least_reward": "0.5"})
    assert isinstance(algorithm, RAFT)
    assert algorithm.least_reward == 0.5


def test_the_choices_of_a_verifier_are_added_to_the_verdicts(scored_group: Callable[..., Group]) -> None:
    group = scored_group(0.0, 0.0)
    members = tuple(
        replace(member, episode=replace(member.episode, submission=source))
        for member, source in zip(group.members, ("print(1)", "print(2)"), strict=True)
    )
    group = replace(group, members=members)
    asked: list[str] = []

    async def verifier(prompt: str) -> str:
        """Name the place of the program that prints 2."""
        asked.append(prompt)
        return f"Answer: {1 + (prompt.index('print(1)') < prompt.index('print(2)'))}"

    context: Any = SimpleNamespace(judge_model=verifier, step=0)
    algorithm = VerifiedGRPO(group_size=2, verify_weight=0.5, questions=3)
    [scored] = asyncio.run(algorithm.score_groups([group], context))
    advantages = [float(row.advantages.max() + row.advantages.min()) for row in scored.rows]
    assert advantages == pytest.approx([-0.25, 0.25])  # scores -0.5 and 0.5, times 0.5
    assert len(asked) == 3
    assert algorithm.report() == {"verifier_parsed": 1.0}
    assert all(f"algorithm/{name}" in METRICS for name in algorithm.report())
    with pytest.raises(ValueError, match="verify_weight"):
        VerifiedGRPO(verify_weight=-1.0)
