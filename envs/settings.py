"""The keyword arguments of the environments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypedDict, get_args

from ..judge import Language
from ..problems import CoverageOrder, Difficulty, KnownBad, Problem, Require, Window, check_coverage
from .judging import Judging


class EnvKeywords(TypedDict, total=False):
    """What `gymnasium.make(id, ...)` takes; `EnvSettings` says what each means."""

    problem_set: str
    difficulty: Difficulty | str | None
    coverage: float
    coverage_order: CoverageOrder
    order_seed: int
    window: Window | None
    language: Language | str
    data: Path | str | None
    stop_early: bool
    judge: Judging | None
    max_turns: int | None
    problems: Sequence[Problem] | Sequence[str] | None
    require: Require | None
    known_bad: KnownBad


@dataclass(frozen=True, kw_only=True)
class EnvSettings:
    """The keyword arguments of an environment, checked.

    Raises:
        ValueError: A value is not allowed; the message names it.
    """

    problem_set: str = "classics"
    """Set by the id: `classics` or `lcb`. Also the path of a problem package, or of a folder of packages."""
    difficulty: Difficulty | str | None = None
    """Set by the id: `easy`, `medium`, `hard`, or None for all."""
    coverage: float = 1.0
    """Share of the hidden tests, in (0, 1], that decides the reward; a lower one selects a subset."""
    coverage_order: CoverageOrder = "size"
    """Order in which tests are selected: `size` of the input, or `shuffled` as a control."""
    order_seed: int = 0
    """Of the shuffled order."""
    window: Window | None = None
    """First and last contest date of the problems, for example `("2025-01-01", None)`."""
    language: Language | str = Language.PYTHON
    """Of submissions: `python` or `cpp`."""
    data: Path | str | None = None
    """Where the problem set lies, if it does not come with the package."""
    stop_early: bool = False
    """Judge a submission up to its first failing test only: cheaper, and the verdict vector is cut short."""
    judge: Judging | None = field(default=None, repr=False, compare=False)
    """A judge to share, not closed with the environment. None: the environment starts its own when needed.

    Leave it None for asynchronous vector environments: their processes cannot share one.
    """
    max_turns: int | None = None
    """Steps of an episode; None: 1 in mode single, 16 in mode tool, 64 in mode agentic."""
    problems: Sequence[Problem] | Sequence[str] | None = field(default=None, repr=False)
    """Restrict to these ids, or play these problems instead of the set's; None: all of the set."""
    require: Require | None = None
    """`proved`: only problems that `codefrontier problems check` has proved; `any`: all. None: `proved` for
    the embedded set, `any` for others. Says nothing of problems that are given themselves."""
    known_bad: KnownBad = "exclude"
    """`keep` plays also the problems of LiveCodeBench that are known to be judged wrong."""

    def __post_init__(self) -> None:
        check_coverage(self.coverage)
        _check_choice("coverage_order", self.coverage_order, get_args(CoverageOrder))
        _check_choice("language", self.language, tuple(Language))
        _check_choice("known_bad", self.known_bad, get_args(KnownBad))
        if self.require is not None:
            _check_choice("require", self.require, get_args(Require))
        if self.difficulty is not None:
            _check_choice("difficulty", self.difficulty, tuple(Difficulty))
        _check_whole("order_seed", self.order_seed, at_least=0)
        if self.max_turns is not None:
            _check_whole("max_turns", self.max_turns, at_least=1)
        if self.window is not None and not (isinstance(self.window, tuple | list) and len(self.window) == 2):
            raise ValueError(f"window must be a pair of dates (first, last) or None, got {self.window!r}")
        if self.judge is not None and not isinstance(self.judge, Judging):
            raise ValueError(f"judge must be a Judge or None, got {self.judge!r}")

    @property
    def required(self) -> Require:
        """Which problems of the set are taken."""
        return self.require or default_require(self.problem_set)

    @property
    def program_language(self) -> Language:
        """The language of submissions."""
        return Language(self.language)


def default_require(problem_set: str) -> Require:
    """Return which problems of a set are taken unless something else is asked for."""
    return "proved" if problem_set == "classics" else "any"


def _check_choice(name: str, value: object, allowed: Sequence[str]) -> None:
    if value not in allowed:
        choices = ", ".join(repr(str(choice)) for choice in allowed)
        raise ValueError(f"{name} must be one of {choices}, got {value!r}")


def _check_whole(name: str, value: object, *, at_least: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or value < at_least:
        raise ValueError(f"{name} must be a whole number of at least {at_least}, got {value!r}")
