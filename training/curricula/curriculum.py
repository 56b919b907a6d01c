"""The base class of curricula, which decide which problems a step takes, or under which coverage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ...problems import Difficulty, Problem

LEVELS = (Difficulty.EASY, Difficulty.MEDIUM, Difficulty.HARD)
"""The levels of difficulty in ascending order."""
SET = ""
"""Name of the chain that contains all problems of an environment."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Result:
    """The outcome of the episodes on a problem in one step."""

    problem: Problem = field(repr=False)
    environment: str
    """Name of the environment among the environments of the run."""
    solved: tuple[bool, ...]
    """Whether each valid episode solved the problem: all tests that the coverage selects are AC."""


class Curriculum:
    """A curriculum that changes nothing: all problems alike, under the coverage of their environment.

    Each hook may be overridden. What a hook returns depends on its arguments and on what was observed only,
    so that equal runs are equal and a resumed run goes on exactly.
    """

    name = "none"
    """Name in the registry."""

    def begin(self, environment: str, chains: Mapping[str, Sequence[Difficulty]]) -> None:
        """Note an environment before the first step.

        Args:
            environment: Name of the environment among the environments of the run.
            chains: Levels of the problems of each chain, in ascending order. The chain `SET` has all problems
                with a difficulty; a chain of the Families has the problems of one family.

        Raises:
            ValueError: The curriculum cannot be used with the environment.
        """

    @property
    def grades(self) -> bool:
        """Whether the curriculum gives problems other levels than their difficulty."""
        return False

    def grade(self, problems: Sequence[Problem]) -> Mapping[str, Difficulty | None]:
        """Return the level of each problem by its id; None for a problem of no level.

        Called once for the problems of an environment, if `grades` is true.

        Raises:
            ValueError: The problems lack what decides their levels.
        """
        return {problem.id: problem.difficulty for problem in problems}

    def levels(self, step: int, environment: str) -> Mapping[Difficulty, float]:
        """Return the shares of the levels among the problems of a step; empty if the level does not matter.

        Args:
            step: Number of steps of the run taken so far.
            environment: Name of the environment.
        """
        return {}

    def coverages(self, step: int) -> Mapping[float, float]:
        """Return the shares of coverages in a step; empty to keep the coverage of each environment."""
        return {}

    def accepts(self, problem: Problem, environment: str, *, draw: float) -> bool:
        """Return whether to take a problem.

        Args:
            problem: The candidate.
            environment: Name of the environment.
            draw: A uniform random number in [0, 1).
        """
        return True

    def observe(self, results: Sequence[Result]) -> None:
        """Note the outcomes of a step."""

    def metrics(self) -> dict[str, float]:
        """Return figures about the state, for `metrics.jsonl`."""
        return {}

    def state_dict(self) -> dict[str, Any]:
        """Return the state that a resumed run needs, as JSON values."""
        return {}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Restore the state that `state_dict` returned.

        Raises:
            ValueError: The state belongs to another curriculum.
        """
        if state:
            raise ValueError(f"curriculum {self.name!r} has no state, got {sorted(state)}")


def family_of(problem: Problem) -> str:
    """Return the family of a problem of the Families; `SET` for other problems."""
    return str(problem.metadata.get("family", SET))


def check_share(name: str, value: float, *, above: float = 0.0) -> None:
    """Raise ValueError unless a value is in [above, 1]; with `above` 0, the value may be 0."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not above <= value <= 1:
        raise ValueError(f"{name} must be in [{above:g}, 1], got {value!r}")


def check_length(name: str, value: int) -> None:
    """Raise ValueError unless a value is a whole number of at least 1."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ValueError(f"{name} must be a whole number of at least 1, got {value!r}")
