"""The settings of supervised training and of reinforcement, checked when they are made."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

from ..problems import check_coverage


@dataclass(frozen=True, kw_only=True)
class RunSettings:
    """The settings that supervised training and reinforcement share."""

    out: Path
    """Folder of the run, for checkpoints, metrics.jsonl and run.json."""
    seed: int = 0
    """Seed of all randomness of the run."""
    checkpoint_every: int = 10
    """Number of steps between checkpoints; the last step always has a checkpoint."""
    keep: int | None = None
    """Number of checkpoints to keep, counted from the last; all unless given."""
    grad_clip: float = 1.0
    """Largest norm of the gradient; a larger gradient is scaled down to it."""
    threads: int = 1
    """Number of torch threads of the process. Small models are fastest with one thread; another number
    rounds differently."""
    resume: bool = False
    """Continue from the last checkpoint in `out`, if there is one. The results are the same as without the
    interruption."""

    def __post_init__(self) -> None:
        check_whole("checkpoint_every", self.checkpoint_every, at_least=1)
        check_whole("threads", self.threads, at_least=1)
        if self.keep is not None:
            check_whole("keep", self.keep, at_least=1)
        check_positive("grad_clip", self.grad_clip)


@dataclass(frozen=True, kw_only=True)
class SFTSettings(RunSettings):
    """Supervised training of a new tiny model on the corpus of the families."""

    steps: int = 1300
    """Number of optimizer steps."""
    batch: int = 64
    """Number of programs per step."""
    lr: float = 2e-3
    """Highest learning rate, from which it falls along a cosine to a tenth."""
    warmup: int = 20
    """Number of steps in which the learning rate rises linearly to `lr`."""
    weight_decay: float = 0.01
    """Weight decay of AdamW."""
    checkpoint_every: int = 100
    """Number of steps between checkpoints; the last step always has a checkpoint."""
    d: int = 96
    """Width of the model; a multiple of 2 * `heads`."""
    layers: int = 3
    """Number of layers of the model."""
    heads: int = 4
    """Number of attention heads per layer."""

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("steps", "batch", "d", "layers", "heads"):
            check_whole(name, getattr(self, name), at_least=1)
        check_whole("warmup", self.warmup, at_least=0)
        check_positive("lr", self.lr)
        if not 0 <= self.weight_decay < math.inf:
            raise ValueError(f"weight_decay must be at least 0, got {self.weight_decay!r}")


@dataclass(frozen=True, kw_only=True)
class RLSettings(RunSettings):
    """Reinforcement of a checkpoint by the verdicts on its programs."""

    init: Path
    """Checkpoint to start from, or the folder of a run, whose last checkpoint is taken."""
    coverage: float = 1.0
    """Share of the hidden tests, in (0, 1], that decides the reward."""
    steps: int = 60
    """Number of steps; each samples episodes and updates the weights."""
    prompts: int = 24
    """Number of problems per step."""
    group: int = 8
    """Number of episodes per problem and step."""
    lr: float = 5e-5
    """Learning rate of AdamW."""
    passes: int = 1
    """Number of optimizer steps per batch of episodes."""
    staleness: int = 0
    """Number of updates that the sampling weights are behind. With 1 or more, later batches are sampled
    during the updates; with 0, sampling and updates take turns."""
    refill_rounds: int = 1
    """Number of times within a step that groups without signal are replaced by groups on further problems."""
    max_completion_tokens: int = 192
    """Largest number of tokens in a reply; replies that reach it are not learned from."""
    workers: int = 2
    """Number of sandboxes that judge; with a judge elsewhere, number of submissions judged at a time."""
    judge: str = "embedded"
    """Address of the judge: `embedded` for a judge in this process, `http://HOST:PORT` of
    `codefrontier judge serve`, or `ray://local`."""
    split: str = "train"
    """Split of the families to train on."""
    algorithm: str = "grpo"
    """Name of the algorithm; `--algorithm.FIELD VALUE` sets a field of it."""
    algorithm_options: tuple[str, ...] = ()
    """Fields of the algorithm as FIELD=VALUE."""
    device: str = "cpu"
    """Device of the model, for example `cpu` or `cuda`."""

    def __post_init__(self) -> None:
        super().__post_init__()
        check_coverage(self.coverage)
        for name in ("steps", "prompts", "passes", "max_completion_tokens", "workers"):
            check_whole(name, getattr(self, name), at_least=1)
        check_whole("group", self.group, at_least=2)
        check_whole("refill_rounds", self.refill_rounds, at_least=0)
        check_whole("staleness", self.staleness, at_least=0)
        check_positive("lr", self.lr)


def check_whole(name: str, value: object, *, at_least: int) -> None:
    """Raise ValueError unless the value is an integer of at least `at_least`."""
    if isinstance(value, bool) or not isinstance(value, int) or value < at_least:
        raise ValueError(f"{name} must be a whole number of at least {at_least}, got {value!r}")


def check_positive(name: str, value: float) -> None:
    """Raise ValueError unless the value is a positive number."""
    if not 0 < value < math.inf:
        raise ValueError(f"{name} must be a positive number, got {value!r}")
