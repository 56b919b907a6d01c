"""Curricula by the pass rate of the policy that is trained: a band of pass rates, and stepping stones.

A pass rate is the share of solved episodes. The rate of a problem, a cell or a family is a running rate:
`memory` is the weight of what was known before a step against the episodes of the step.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from ...problems import Difficulty, Problem
from .curriculum import LEVELS, SET, Curriculum, Result, check_length, check_share, family_of


@dataclass(frozen=True, kw_only=True)
class PassRateSettings:
    """Settings of a curriculum by pass rate."""

    low: float = 0.1
    """Lowest pass rate of the problems that are taken."""
    high: float = 0.9
    """Highest pass rate of the problems that are taken."""
    by: Literal["problem", "cell", "family"] = "problem"
    """What has a pass rate: each `problem`, or each `cell` or `family` of the Families, whose problems are
    too many to be met twice. Problems of other sets always have a pass rate of their own."""
    memory: float = 0.5
    """Weight, in [0, 1), of earlier episodes against the episodes of a step."""
    explore: float = 0.1
    """Probability of taking a problem outside the band, so that its pass rate is measured again."""

    def __post_init__(self) -> None:
        for name in ("low", "high", "explore", "memory"):
            check_share(name, getattr(self, name))
        if self.memory == 1:
            raise ValueError("memory must be below 1: with memory 1, nothing is ever forgotten")
        if self.low > self.high:
            raise ValueError(f"low must be at most high, got {self.low!r} and {self.high!r}")
        if self.by not in ("problem", "cell", "family"):
            raise ValueError(f"by must be problem, cell or family, got {self.by!r}")


class PassRateBand(Curriculum):
    """Takes problems whose running pass rate is in a band, and problems that were not tried yet.

    Args:
        settings: Settings of the band.

    References:
        The default bounds drop what gives no signal in a group: problems that are nearly always or nearly
        never solved. arXiv 2603.24202 filters its problems by pass rate before training; choosing by the
        running pass rate of the policy is usual in trainers and is not from that paper.
    """

    name = "pass_rate"

    def __init__(self, settings: PassRateSettings | None = None) -> None:
        self.settings = settings or PassRateSettings()
        self._seen: dict[str, tuple[float, float]] = {}  # solved and all episodes, discounted

    def rate(self, problem: Problem, environment: str) -> float | None:
        """Return the running pass rate of a problem, or of its cell or family; None without episodes."""
        solved, episodes = self._seen.get(self._key(problem, environment), (0.0, 0.0))
        return solved / episodes if episodes else None

    def accepts(self, problem: Problem, environment: str, *, draw: float) -> bool:
        """Return whether the pass rate is unknown or in the band, or the problem is explored."""
        rate = self.rate(problem, environment)
        if rate is None or self.settings.low <= rate <= self.settings.high:
            return True
        return draw < self.settings.explore

    def observe(self, results: Sequence[Result]) -> None:
        """Add the episodes of a step to the pass rates."""
        counts: dict[str, tuple[int, int]] = {}
        for result in results:
            key = self._key(result.problem, result.environment)
            solved, episodes = counts.get(key, (0, 0))
            counts[key] = solved + sum(result.solved), episodes + len(result.solved)
        for key, (solved, episodes) in counts.items():
            before = self._seen.get(key, (0.0, 0.0))
            memory = self.settings.memory
            self._seen[key] = memory * before[0] + solved, memory * before[1] + episodes

    def metrics(self) -> dict[str, float]:
        """Return the number of known pass rates, and the share of them in the band."""
        rates = [solved / episodes for solved, episodes in self._seen.values() if episodes]
        inside = [self.settings.low <= rate <= self.settings.high for rate in rates]
        return {"known": len(rates), "in_band": sum(inside) / max(1, len(inside))}

    def state_dict(self) -> dict[str, Any]:
        """Return the discounted counts by key."""
        return {"seen": {key: list(counts) for key, counts in self._seen.items()}}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Restore the discounted counts."""
        self._seen = {key: (solved, episodes) for key, (solved, episodes) in state["seen"].items()}

    def _key(self, problem: Problem, environment: str) -> str:
        by = self.settings.by
        return f"{environment} {problem.id if by == 'problem' else problem.metadata.get(by, problem.id)}"


@dataclass(frozen=True, kw_only=True)
class SteppingStonesSettings:
    """Settings of stepping stones."""

    rise: float = 0.65
    """Pass rate above which a chain goes on to its next level."""
    fall: float = 0.0
    """Pass rate at or below which a chain goes back to its previous level."""
    episodes: int = 32
    """Number of episodes at a level before the chain may change its level."""
    chain: Literal["set", "family"] = "set"
    """What has a level: the whole problem `set` of an environment, or each `family` of the Families."""

    def __post_init__(self) -> None:
        check_share("rise", self.rise)
        check_share("fall", self.fall)
        check_length("episodes", self.episodes)
        if self.fall >= self.rise:
            raise ValueError(f"fall must be below rise, got {self.fall!r} and {self.rise!r}")
        if self.chain not in ("set", "family"):
            raise ValueError(f"chain must be set or family, got {self.chain!r}")


class SteppingStones(Curriculum):
    """Takes the easiest problems of a chain first, and the next level when these are solved often enough.

    Args:
        settings: Settings of the stepping stones.

    References:
        arXiv 2603.24202: chains of easy, medium and hard variants, as stepping stones; a problem is made
        harder at a pass rate above 0.65 over 32 samples and easier at 0. There, a teacher model changes the
        problems before training, and a student is measured; here the policy climbs over the levels that a
        problem set has.
    """

    name = "stepping_stones"

    def __init__(self, settings: SteppingStonesSettings | None = None) -> None:
        self.settings = settings or SteppingStonesSettings()
        self._chains: dict[str, dict[str, tuple[Difficulty, ...]]] = {}
        self._places: dict[str, int] = {}  # of the current level in its chain
        self._counts: dict[str, tuple[int, int]] = {}  # solved and all episodes at the current level

    def begin(self, environment: str, chains: Mapping[str, Sequence[Difficulty]]) -> None:
        """Note the chains of an environment; each begins at its first level."""
        families = self.settings.chain == "family"
        known = {name: tuple(levels) for name, levels in chains.items() if (name != SET) is families}
        if not any(known.values()):
            what = "families with difficulties" if families else "problems with a difficulty"
            raise ValueError(f"curriculum {self.name!r} needs {what}, but {environment} has none")
        self._chains[environment] = known

    def level(self, environment: str, chain: str = SET) -> Difficulty:
        """Return the current level of a chain."""
        return self._chains[environment][chain][self._places.get(f"{environment} {chain}", 0)]

    def levels(self, step: int, environment: str) -> Mapping[Difficulty, float]:
        """Return the current level, if all problems of an environment are one chain."""
        return {} if self.settings.chain == "family" else {self.level(environment): 1.0}

    def accepts(self, problem: Problem, environment: str, *, draw: float) -> bool:
        """Return whether a problem is of the current level of its chain."""
        if self.settings.chain == "set":
            return True
        chain = family_of(problem)
        return chain in self._chains[environment] and problem.difficulty == self.level(environment, chain)

    def observe(self, results: Sequence[Result]) -> None:
        """Count the episodes at the current levels, and let chains rise and fall."""
        touched = {}
        for result in results:
            chain = family_of(result.problem) if self.settings.chain == "family" else SET
            known = self._chains[result.environment].get(chain)
            if not known or result.problem.difficulty != self.level(result.environment, chain):
                continue  # taken for want of a problem of the level
            key = f"{result.environment} {chain}"
            solved, episodes = self._counts.get(key, (0, 0))
            self._counts[key] = solved + sum(result.solved), episodes + len(result.solved)
            touched[key] = known
        for key, known in touched.items():
            self._move(key, len(known) - 1)

    def _move(self, key: str, last: int) -> None:
        """Change the level of a chain if its pass rate says so."""
        solved, episodes = self._counts[key]
        if episodes < self.settings.episodes:
            return
        rate, place = solved / episodes, self._places.get(key, 0)
        moved = place + (rate > self.settings.rise) - (rate <= self.settings.fall)
        self._places[key] = min(last, max(0, moved))
        self._counts[key] = (0, 0)

    def metrics(self) -> dict[str, float]:
        """Return the mean level over all chains: 0 is easy, 2 is hard."""
        levels = [
            LEVELS.index(self.level(environment, chain))
            for environment, chains in self._chains.items()
            for chain in chains
        ]
        return {"level_mean": sum(levels) / max(1, len(levels))}

    def state_dict(self) -> dict[str, Any]:
        """Return the places and the counts of the chains."""
        return {
            "places": dict(self._places),
            "counts": {key: list(counts) for key, counts in self._counts.items()},
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Restore the places and the counts of the chains."""
        self._places = dict(state["places"])
        self._counts = {key: (solved, episodes) for key, (solved, episodes) in state["counts"].items()}
