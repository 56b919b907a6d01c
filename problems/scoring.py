"""How the points of a problem come about, as data: groups of test cases, and how their scores add up.

References:
    ICPC problem package format: `test_group.yaml` of the 2023-07 draft (as released in 2025-09), and the
    default grader of the legacy format.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum


class Aggregation(StrEnum):
    """How the score of a group follows from what it holds."""

    SUM = "sum"
    MIN = "min"
    MAX = "max"
    AVERAGE = "avg"
    PASS_FAIL = "pass-fail"
    """All of the group's points if everything in it is accepted, else none."""


@dataclass(frozen=True, kw_only=True)
class ScoreGroup:
    """A group of test cases: those whose names begin with the group's name and a slash.

    Raises:
        ValueError: Scores are not finite, or `pass-fail` has no maximum.
    """

    name: str
    """For example `secret/subtask1`; the root is `secret`."""
    aggregation: Aggregation
    max_score: float | None = None
    """None is unbounded."""
    requires: tuple[str, ...] = ()
    """Groups, or `sample`, that must be accepted throughout; else this one has no points."""
    accept_score: float | None = None
    """Of an accepted test case right in this group, when its checker gives no points. None is what the
    maximum leaves to each: all of it under `min`, an equal share under `sum`."""
    reject_score: float = 0.0
    """Of a test case that is not accepted."""
    stop_at_rejected: bool = False
    """What comes after something rejected in this group does not count."""
    void_if_rejected: bool = False
    """A group that is not accepted has no points, whatever its parts have."""
    any_accepted: bool = False
    """The group is accepted if anything in it is."""
    always_accepted: bool = False
    """The group is accepted whatever is in it."""

    def __post_init__(self) -> None:
        for name in ("max_score", "accept_score", "reject_score"):
            value = getattr(self, name)
            if value is not None and not math.isfinite(value):
                raise ValueError(f"{name} of group {self.name!r} must be finite, got {value!r}")
        if self.aggregation is Aggregation.PASS_FAIL and self.max_score is None:
            raise ValueError(f"group {self.name!r} is pass-fail, so it needs a maximum score")


@dataclass(frozen=True, kw_only=True)
class Scoring:
    """The groups of a problem, each before those inside it; the first is the root.

    Raises:
        ValueError: There are no groups, a name comes twice, or a group requires one that comes later.
    """

    groups: tuple[ScoreGroup, ...]

    def __post_init__(self) -> None:
        if not self.groups:
            raise ValueError("a scoring problem needs at least one group")
        names = [group.name for group in self.groups]
        root = names[0]
        for place, group in enumerate(self.groups):
            if group.name in names[:place] or not f"{group.name}/".startswith(f"{root}/"):
                raise ValueError(f"group {group.name!r} comes twice or is not inside {root!r}")
            unknown = set(group.requires) - {"sample", *names[:place]}
            if unknown:
                raise ValueError(
                    f"group {group.name!r} requires {sorted(unknown)}, which do not come before it"
                )
