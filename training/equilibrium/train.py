"""The training loop: one outer step of every puzzle in the batch, then one optimizer step."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from ...agents.equilibrium import EquilibriumConfig, EquilibriumNetwork, GridCodec, LatentState, save_network
from ..checkpoint import find_checkpoint
from ..errors import DivergedError, TrainingError
from ..models.optimizer import make_optimizer, scheduled_rate
from ..run import ResumedRun, RunFolder, deciding, load_last, own_folder
from ..seeds import derived_seed
from ..tracking.trackers import check_installed
from .losses import equilibrium_loss
from .puzzles import PuzzleRows
from .settings import EquilibriumSettings

STAGE = "equilibrium"
SMOOTHING = 0.95
Observer = Callable[[Mapping[str, Any]], None]


def train_equilibrium(settings: EquilibriumSettings, *, on_step: Observer = lambda metrics: None) -> Path:
    """Train a new network and return the folder of its last checkpoint. Sets the number of threads of torch.

    Args:
        settings: Settings of the run.
        on_step: Called with the metrics of each step.

    Raises:
        TrainingError: The run cannot start or continue, or it has diverged.
        OSError: The folder of the run cannot be written.
    """
    torch.set_num_threads(settings.threads)
    check_installed(settings.track)
    with own_folder(settings.out, STAGE):
        rows = PuzzleRows.make(settings.family, settings.puzzles, seed=settings.seed)
        deciders = deciding(settings, steps=settings.steps, puzzles_digest=rows.digest)
        resumed = load_last(settings, STAGE, deciders)
        learner = ReasonerLearner(settings, rows, resumed)
        with RunFolder(
            settings, stage=STAGE, deciders=deciders, step=learner.taken, model=learner.report()
        ) as folder:
            _take_steps(settings, learner, folder, on_step)
    return find_checkpoint(settings.out)


def _take_steps(
    settings: EquilibriumSettings, learner: ReasonerLearner, folder: RunFolder, on_step: Observer
) -> None:
    while learner.taken < settings.steps:
        try:
            metrics = learner.step()
        except TrainingError as error:
            raise folder.failed(learner.taken + 1, error, {}) from error
        folder.note(metrics)
        if folder.is_due(learner.taken, settings.steps):
            folder.save(learner.taken, learner, learner.state(), {"loss_ema": learner.loss_ema})
        on_step(metrics)


def config_of(settings: EquilibriumSettings) -> EquilibriumConfig:
    """Return the form of the network that the settings describe."""
    family = GridCodec.of(settings.family).family
    return EquilibriumConfig(
        family=family.name,
        cells=family.columns**2,
        symbols=len(family.symbols),
        marks=len(family.marks),
        width=settings.width,
        layers=settings.layers,
        mixing=settings.mixing,
        heads=settings.heads,
        h_cycles=settings.h_cycles,
        l_cycles=settings.l_cycles,
        damping=settings.damping,
        noise=settings.noise,
        random_start=settings.random_start,
        tied=settings.tied,
    )


@dataclass(kw_only=True)
class Carry:
    """The puzzles that are being worked on; changed in place by the loop."""

    puzzles: Tensor
    """int64 [B, L]."""
    solutions: Tensor
    """int64 [B, L]."""
    state: LatentState
    """Latent states, detached."""
    age: Tensor
    """int64 [B]: outer steps taken on the puzzle."""
    least: Tensor
    """int64 [B]: outer steps before the puzzle may be left because the network halts."""
    over: Tensor
    """bool [B]: whether another puzzle takes the place in the next step."""

    def plain(self) -> dict[str, Tensor]:
        """Return the tensors by name, for a checkpoint."""
        named = {name: value for name, value in vars(self).items() if name != "state"}
        return {**named, "high": self.state.high, "low": self.state.low}

    @classmethod
    def of(cls, plain: Mapping[str, Tensor]) -> Carry:
        """Return the carry of `plain`."""
        named = {name: value for name, value in plain.items() if name not in ("high", "low")}
        return cls(**named, state=LatentState(high=plain["high"], low=plain["low"]))


class ReasonerLearner:
    """Network, optimizer, moving average and carry of a run.

    Args:
        settings: Settings of the run.
        rows: Puzzles to learn from.
        resumed: Checkpoint to continue from; None begins.
    """

    def __init__(self, settings: EquilibriumSettings, rows: PuzzleRows, resumed: ResumedRun | None) -> None:
        self._settings = settings
        self._rows = rows
        self._network = EquilibriumNetwork(
            config_of(settings), seed=derived_seed("equilibrium weights", settings.seed, bits=62)
        )
        self._optimizer = make_optimizer(list(self._network.parameters()), settings, lr=settings.lr)
        self._average = {name: value.clone() for name, value in self._network.state_dict().items()}
        self._carry: Carry | None = None
        self.taken = 0
        """Steps taken."""
        self.loss_ema = 0.0
        """Moving average of the loss."""
        if resumed is not None:
            self._load(resumed)

    def _load(self, resumed: ResumedRun) -> None:
        saved = resumed.optimizer
        self._network.load_state_dict(saved["weights"])
        self._average = dict(saved["average"])
        self._carry = Carry.of(saved["carry"])
        self._optimizer.load_state_dict({name: saved[name] for name in ("state", "param_groups")})
        self.taken = resumed.state.step
        self.loss_ema = float(resumed.state.progress["loss_ema"])

    @property
    def bytes(self) -> int:
        """Return the size of the weights in a checkpoint, in bytes: the average and the last weights."""
        size: int = 2 * sum(value.numel() * value.element_size() for value in self._average.values())
        return size

    def save(self, folder: Path) -> None:
        """Write the network with its averaged weights."""
        save_network(folder, self._network.config, self._average)

    def state(self) -> dict[str, Any]:
        """Return all that a resumed run needs besides the settings."""
        assert self._carry is not None, "state() before step()"
        return {
            **self._optimizer.state_dict(),
            "weights": self._network.state_dict(),
            "average": self._average,
            "carry": self._carry.plain(),
        }

    def report(self) -> dict[str, Any]:
        """Return a description of the network for run.json."""
        parameters = sum(value.numel() for value in self._network.parameters())
        return {**vars(self._network.config), "parameters": parameters}

    def step(self) -> dict[str, Any]:
        """Take one step and return its metrics.

        Raises:
            DivergedError: The loss or the gradient is not finite.
        """
        settings, started = self._settings, time.monotonic()
        generator = torch.Generator().manual_seed(derived_seed("equilibrium step", settings.seed, self.taken))
        carry = self._refilled(generator)
        lr = scheduled_rate(settings, lr=settings.lr, step=self.taken, steps=settings.steps)
        for group in self._optimizer.param_groups:
            group["lr"] = lr
        self._optimizer.zero_grad(set_to_none=True)
        thought = self._network.step(carry.state, carry.puzzles, generator)
        loss = equilibrium_loss(thought.logits, thought.halt, carry.solutions)
        loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it so
        norm = torch.nn.utils.clip_grad_norm_(self._network.parameters(), settings.grad_clip)
        for figure, value in (("loss", float(loss.detach())), ("grad_norm", float(norm))):
            if not math.isfinite(value):
                raise DivergedError(figure, value)
        self._optimizer.step()
        self._follow()
        right = thought.logits.detach().argmax(dim=-1) == carry.solutions
        carry.state = thought.state.detach()
        carry.age = carry.age + 1
        halted = (thought.halt.detach() > 0) & (carry.age >= carry.least)
        carry.over = halted | (carry.age >= settings.segments)
        self.taken += 1
        value = float(loss.detach())
        self.loss_ema = value if self.taken == 1 else SMOOTHING * self.loss_ema + (1 - SMOOTHING) * value
        return {
            "step": self.taken,
            "loss": value,
            "loss_ema": self.loss_ema,
            "grad_norm": float(norm),
            "lr": lr,
            "cells_right": float(right.float().mean()),
            "grids_right": float(right.all(dim=-1).float().mean()),
            "halted": float(halted.float().mean()),
            "residual": float(thought.residual.mean()),
            "time_s": {"total": time.monotonic() - started},
        }

    def _refilled(self, generator: torch.Generator) -> Carry:
        """Return the carry, with new puzzles in the places of those that are over."""
        settings = self._settings
        count = settings.batch
        # Drawn for all places, so that what one place gets does not depend on the others.
        puzzles, solutions = self._rows.draw(count, generator)
        fresh = self._network.start(count, generator)
        explored = torch.rand(count, generator=generator) < settings.explore
        longest = max(3, settings.segments + 1)
        least = torch.randint(2, longest, (count,), generator=generator) * explored
        if self._carry is None:
            zero = torch.zeros(count, dtype=torch.int64)
            over = torch.zeros(count, dtype=torch.bool)
            self._carry = Carry(
                puzzles=puzzles, solutions=solutions, state=fresh, age=zero, least=least, over=over
            )
            return self._carry
        carry = self._carry
        over = carry.over
        carry.puzzles = torch.where(over[:, None], puzzles, carry.puzzles)
        carry.solutions = torch.where(over[:, None], solutions, carry.solutions)
        carry.state = carry.state.where(over, fresh)
        carry.age = torch.where(over, 0, carry.age)
        carry.least = torch.where(over, least, carry.least)
        return carry

    def _follow(self) -> None:
        """Move the average towards the weights."""
        # A short memory at the beginning, so that the initial weights are soon forgotten.
        decay = min(self._settings.ema, (1 + self.taken) / (10 + self.taken))
        with torch.no_grad():
            for name, value in self._network.state_dict().items():
                self._average[name].lerp_(value, 1 - decay)
