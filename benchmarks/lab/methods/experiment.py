"""What every experiment on a method has: a statement that is fixed before the runs, arms, seeds, results."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal, Self

from ....judge import JudgePool
from ....system import write_file
from ...errors import BenchError

Expected = Literal["above", "below"]
"""Side of 0 on which the claim puts a difference."""
CALIBRATION_SEED = 100
"""Seed of the runs that choose constants of an experiment; no run that is tested has this seed."""


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """A difference between two arms in a metric, paired by seed."""

    metric: str
    arm: str
    control: str
    expected: Expected
    """Side of 0 of arm minus control if the claim holds."""
    margin: float | None = None
    """Size below which a difference counts as no effect; None if only its sign is tested."""

    @property
    def name(self) -> str:
        """A text that names the comparison in tables."""
        return f"{self.metric}: {self.arm} - {self.control}"


@dataclass(frozen=True, kw_only=True)
class Statement:
    """What an experiment tests, written before its runs."""

    method: str
    """Name of the method, with the arXiv number of its paper."""
    claim: str
    """The claim of the paper that is tested, in one sentence."""
    metric: str
    """What is measured, and on which problems."""
    control: str
    """What the method is compared with, and what is equal in both."""
    expectation: str
    """What is expected at this scale, and why."""
    comparisons: tuple[Comparison, ...]
    """The first comparison decides the verdict; the others explain it."""

    def __post_init__(self) -> None:
        if not self.comparisons:
            raise ValueError("a statement needs at least one comparison")


@dataclass(frozen=True, kw_only=True)
class Scale:
    """Sizes of the runs of an experiment."""

    steps: int = 16
    """Number of steps of reinforcement."""
    prompts: int = 8
    """Number of problems per step."""
    group: int = 8
    """Number of replies per problem and step."""
    lr: float = 3e-4
    """Learning rate of reinforcement."""
    problems: int = 24
    """Number of held-out problems on which a run is evaluated."""
    samples: int = 16
    """Number of replies per held-out problem."""
    rated: int = 4
    """Number of problems per cell that tell how difficult the cell is, where an experiment needs that."""
    reply_tokens: int = 192
    """Largest number of tokens in a reply."""
    sft_steps: int = 1000
    """Number of supervised steps of the common start."""
    width: int = 96
    """Width of the model."""

    @property
    def second_half(self) -> slice:
        """The steps of the second half of a run."""
        return slice(self.steps // 2, None)


QUICK = Scale(
    steps=2,
    prompts=2,
    group=4,
    problems=2,
    samples=4,
    rated=1,
    reply_tokens=48,
    sft_steps=12,
    width=32,
)
"""Sizes of a check that everything runs; its numbers mean nothing."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What was measured in one run."""

    metrics: Mapping[str, float]
    """Numbers of the whole run by name."""
    problems: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    """Numbers by metric and then by held-out problem, for metrics that are means over problems."""
    curves: Mapping[str, Sequence[float]] = field(default_factory=dict)
    """Numbers of each step by name."""

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read the outcome of a run.

        Raises:
            BenchError: The file is not an outcome.
        """
        try:
            value = json.loads(path.read_text())
            return cls(metrics=value["metrics"], problems=value["problems"], curves=value["curves"])
        except (ValueError, KeyError, TypeError) as error:
            raise BenchError(f"{path} does not hold the outcome of a run: {error!r}") from error

    def write(self, path: Path) -> None:
        """Write the outcome as JSON; the file appears only when it is complete."""
        path.parent.mkdir(parents=True, exist_ok=True)
        write_file(path, json.dumps(rounded(asdict(self)), allow_nan=False) + "\n")


@dataclass(frozen=True, kw_only=True)
class RunTask:
    """A run to make: an arm with a seed."""

    arm: str
    seed: int
    folder: Path
    """Folder of the run."""
    starts: Path
    """Folder of the supervised starts, which all experiments share."""
    scale: Scale
    judge: JudgePool = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Experiment:
    """An experiment on a method."""

    name: str
    """Name of the script and of the folder of results."""
    statement: Statement
    arms: tuple[str, ...]
    run: Callable[[RunTask], Outcome] = field(repr=False)
    """Trains an arm with a seed and measures it."""
    scale: Scale = Scale()
    calibration_arms: tuple[str, ...] = ()
    """Further arms, which only choose constants of the experiment and run only when named."""

    def __post_init__(self) -> None:
        for comparison in self.statement.comparisons:
            for arm in (comparison.arm, comparison.control):
                if arm not in self.arms:
                    raise ValueError(
                        f"a comparison has the unknown arm {arm!r}; arms: {', '.join(self.arms)}"
                    )


def rounded(value: Any, digits: int = 6) -> Any:
    """Return a JSON value with its fractions rounded, so that files of results stay small."""
    if isinstance(value, float):
        return round(value, digits)
    if isinstance(value, Mapping):
        return {key: rounded(entry, digits) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [rounded(entry, digits) for entry in value]
    return value
