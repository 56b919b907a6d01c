"""The keyword arguments of the environment of verification."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from ..options import RANKING_REWARD_NAMES, Layout, check_layout
from ..rewards import REWARDS, RewardFunction
from ..settings import EnvKeywords, EnvSettings
from .judging import best_first, kendall

RANKING_REWARDS: Mapping[str, RewardFunction] = MappingProxyType(
    dict(zip(RANKING_REWARD_NAMES, (best_first, kendall), strict=True))
)
"""Rewards of rankings by name, besides those of all environments."""


class VerificationKeywords(EnvKeywords, total=False):
    """The keyword arguments of `gymnasium.make("Verification-single", ...)`."""

    ranking: bool
    thinking: bool
    layout: Layout


@dataclass(frozen=True, kw_only=True)
class VerificationSettings(EnvSettings):
    """The keyword arguments, checked.

    Raises:
        ValueError: A value is not allowed; the message names it.
    """

    problem_set: str = "verification"
    """Name of the problem set."""
    ranking: bool = False
    """Whether the answer ranks all programs, the best first, instead of naming the best one."""
    thinking: bool = True
    """Whether text may come before the answer; otherwise the reply must be the answer alone."""
    layout: Layout = "markdown"
    """Form of the task: `markdown`, or `plain` for models with a small vocabulary."""
    reward: str | RewardFunction = ""
    """Name of a reward, or a function of the judgement. Empty: `all_tests`, which is 1 for the right program;
    with `ranking`, `best_first`. `kendall` is Kendall's tau-b of a ranking."""

    def __post_init__(self) -> None:
        for name in ("ranking", "thinking"):
            if not isinstance(getattr(self, name), bool):
                raise ValueError(f"{name} must be True or False, got {getattr(self, name)!r}")
        check_layout(self.layout)
        if self.reward == "":
            object.__setattr__(self, "reward", "best_first" if self.ranking else "all_tests")
        super().__post_init__()
        for name, only in (("max_submissions", 1), ("answers", 1), ("coverage", 1.0), ("language", "python")):
            if getattr(self, name) != only:
                raise ValueError(f"{name} must be {only!r} in Verification, got {getattr(self, name)!r}")

    def _check_reward(self) -> None:
        if self.reward in RANKING_REWARDS:
            if not self.ranking:
                raise ValueError(f"the reward {self.reward!r} needs ranking=True")
            return
        if not callable(self.reward) and self.reward not in REWARDS:
            known = ", ".join(map(repr, (*REWARDS, *RANKING_REWARDS)))
            raise ValueError(f"reward must be one of {known}, got {self.reward!r}")
        super()._check_reward()

    @property
    def reward_function(self) -> RewardFunction:
        """The reward of an episode without the penalties."""
        if not callable(self.reward) and self.reward in RANKING_REWARDS:
            return RANKING_REWARDS[self.reward]
        return super().reward_function
