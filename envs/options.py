"""Options of the environments that commands offer as flags."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, Literal, get_args

from .settings import EnvSettings, Feedback

Layout = Literal["markdown", "plain"]
"""Form of a task. `markdown`: with statement and instructions. `plain`: without prose, for models with a
small vocabulary."""
SPECIAL_OPTIONS = frozenset({"thinking", "ranking", "layout"})
"""Options that only some environments have."""
RANKING_REWARD_NAMES = ("best_first", "kendall")
"""Rewards that only rankings of programs have."""


def check_layout(layout: str) -> None:
    """Raise ValueError if a layout is not known."""
    if layout not in get_args(Layout):
        raise ValueError(f"layout must be one of {', '.join(get_args(Layout))}, got {layout!r}")


@dataclass(frozen=True, kw_only=True)
class EnvOptions:
    """Keyword arguments of the environments, under the same names; None keeps the environment's default.

    Raises:
        ValueError: An environment does not allow a value.
    """

    feedback: Feedback | None = None
    """Feedback to the agent about a submission."""
    reward: str | None = None
    """Name of the reward: `all_tests`, `all_tests_signed`, `fraction`, `coverage`, `vector`, ..."""
    max_submissions: int | None = None
    """Largest number of submissions in an episode, which ends earlier when a submission is accepted."""
    max_turns: int | None = None
    """Largest number of steps in an episode."""
    dialect: Literal["lcb", "codeforces", "strict"] | None = None
    """Dialect of the judge, which decides verdicts as another judge does; the dialect of the problem set
    unless given."""
    float_tolerance: float | None = None
    """Largest difference between a number in an output and in the answer, for example 1e-6; none unless
    given."""
    hints: bool | None = None
    """Show hints about ideas that are too slow, for problems whose statements do not mention them."""
    answers: int | None = None
    """Largest number of answers in a reply, in mode single: each of its first fenced code blocks is judged,
    and the best counts."""
    thinking: bool | None = None
    """Verification: allow text before the answer, which is the default; without it, the reply must be the
    answer alone."""
    ranking: bool | None = None
    """Verification: have all programs ranked, the best first, instead of the best one named."""
    layout: Layout | None = None
    """Verification and tasks about functions, in mode single: form of the task, `markdown`, or `plain` for
    models with a small vocabulary."""

    strict: bool | None = None
    """Whether abduction asks for the input from which the output was made, instead of any input with this
    output."""
    debugger: str | None = None
    """Debugger behind the tool `debug` of mode agentic: `real`, or a model that predicts the states of the
    program, `policy:CHECKPOINT` or `litellm:MODEL`."""

    def __post_init__(self) -> None:
        common = {name: value for name, value in self.keywords.items() if name not in SPECIAL_OPTIONS}
        if self.reward in RANKING_REWARD_NAMES:  # other environments refuse it when they are made
            common.pop("reward")
        EnvSettings(**common)

    @property
    def keywords(self) -> dict[str, Any]:
        """The options that are not None."""
        given = {entry.name: getattr(self, entry.name) for entry in fields(self)}
        return {name: value for name, value in given.items() if value is not None}
