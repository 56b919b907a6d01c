"""The network: two latent states that one block updates again and again."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, cast, get_args

import torch
from torch import Tensor, nn
from torch.nn import functional

Mixing = Literal["cells", "attention"]
"""How cells see each other: a gated linear layer over all cells, or attention."""
_TRUNCATED_STD = 0.8796256610342398
"""Standard deviation of a standard normal that is truncated at 2."""


@dataclass(frozen=True, kw_only=True)
class EquilibriumConfig:
    """The form of a network; a checkpoint holds it in config.json."""

    family: str
    """Family of grids, for example `sudoku-4`."""
    cells: int
    """Number of cells of a grid."""
    symbols: int
    """Number of symbols of a puzzle."""
    marks: int
    """Number of symbols of a solution."""
    width: int = 64
    """Numbers per cell in each latent state."""
    layers: int = 2
    """Layers of the block."""
    mixing: Mixing = "cells"
    heads: int = 4
    """Attention heads, if cells are mixed by attention; they divide the width."""
    h_cycles: int = 3
    """Updates of the high state in an outer step."""
    l_cycles: int = 2
    """Updates of the low state before each update of the high state."""
    damping: float = 0.05
    """Share of a state that an update keeps, in [0, 1)."""
    noise: float = 0.01
    """Standard deviation of the noise that each update adds, in training and inference."""
    random_start: bool = True
    """Whether states start from noise; otherwise from a fixed vector for all cells."""
    tied: bool = True
    """Whether all updates use one block. Otherwise each update of an outer step has a block of its own, and
    gradients flow through all of them."""

    def __post_init__(self) -> None:
        sizes = ("cells", "symbols", "marks", "width", "layers", "heads", "h_cycles", "l_cycles")
        for name in sizes:
            value = getattr(self, name)
            if type(value) is not int or value < 1:
                raise ValueError(f"{name} must be a whole number of at least 1, got {value!r}")
        if self.mixing not in get_args(Mixing):
            raise ValueError(f"mixing must be one of {', '.join(get_args(Mixing))}, got {self.mixing!r}")
        if self.mixing == "attention" and self.width % self.heads:
            raise ValueError(f"heads must divide the width {self.width}, got {self.heads!r}")
        if not 0 <= self.damping < 1:
            raise ValueError(f"damping must be in [0, 1), got {self.damping!r}")
        if not 0 <= self.noise < math.inf:
            raise ValueError(f"noise must be at least 0, got {self.noise!r}")

    @property
    def applications(self) -> int:
        """Applications of a block in an outer step."""
        return self.h_cycles * (self.l_cycles + 1)


@dataclass(frozen=True, kw_only=True)
class LatentState:
    """The two latent states of a batch, float32 [B, L, width] each."""

    high: Tensor
    low: Tensor

    def detach(self) -> LatentState:
        """Return the states without their history."""
        return LatentState(high=self.high.detach(), low=self.low.detach())

    def where(self, chosen: Tensor, other: LatentState) -> LatentState:
        """Return these states, with those of `other` in the rows that are chosen (bool [B])."""
        rows = chosen[:, None, None]
        return LatentState(
            high=torch.where(rows, other.high, self.high), low=torch.where(rows, other.low, self.low)
        )


@dataclass(frozen=True, kw_only=True)
class Thought:
    """What an outer step gives."""

    state: LatentState
    logits: Tensor
    """float32 [B, L, V]: scores of the marks of each cell."""
    halt: Tensor
    """float32 [B]: logit that the answer is right."""
    residual: Tensor
    """float32 [B]: root mean square of the change of both states in the step."""


class EquilibriumNetwork(nn.Module):
    """Fills in grids by iteration: `start`, then `step` as often as wanted.

    Args:
        config: Form of the network.
        seed: Seed of the initial weights; the generator of the process is left unchanged.
    """

    def __init__(self, config: EquilibriumConfig, *, seed: int = 0) -> None:
        super().__init__()
        self.config = config
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.embed = nn.Embedding(config.symbols, config.width)
            nn.init.normal_(self.embed.weight, std=config.width**-0.5)
            self.places = nn.Parameter(torch.randn(config.cells, config.width) * config.width**-0.5)
            self.blocks = nn.ModuleList(
                Block(config) for _ in range(1 if config.tied else config.applications)
            )
            self.head = _linear(config.width, config.marks)
            self.halt = nn.Linear(config.width, 1)
            nn.init.zeros_(self.halt.weight)
            nn.init.constant_(self.halt.bias, -5.0)
            self.register_buffer("first", truncated_normal((2, config.width), None))

    def start(self, rows: int, generator: torch.Generator | None) -> LatentState:
        """Return the states before the first step."""
        shape = (rows, self.config.cells, self.config.width)
        if self.config.random_start:
            return LatentState(
                high=truncated_normal(shape, generator), low=truncated_normal(shape, generator)
            )
        first = cast(Tensor, self.first)
        return LatentState(high=first[0].expand(shape), low=first[1].expand(shape))

    def step(self, state: LatentState, puzzles: Tensor, generator: torch.Generator | None = None) -> Thought:
        """Take one outer step; with gradients enabled, they flow through its last cycle only (if tied).

        Args:
            state: The states; they should be detached.
            puzzles: int64 [B, L]: places of the symbols.
            generator: Source of the noise; None is the generator of the process.

        References:
            arXiv 2605.21488; `damping` and `noise` are its beta and sigma.
        """
        config = self.config
        wanted = torch.is_grad_enabled()
        before = state
        for cycle in range(config.h_cycles):
            with torch.set_grad_enabled(wanted and (not config.tied or cycle == config.h_cycles - 1)):
                given = (self.embed(puzzles) + self.places) * config.width**0.5
                high, low = state.high, state.low
                for turn in range(config.l_cycles):
                    low = self._update(low, high + given, (cycle, turn), generator)
                high = self._update(high, low, (cycle, config.l_cycles), generator)
                state = LatentState(high=high, low=low)
        change = (state.high - before.high).square() + (state.low - before.low).square()
        return Thought(
            state=state,
            logits=self.head(state.high),
            halt=self.halt(state.high[:, 0])[:, 0],
            residual=(change.mean(dim=(1, 2)) / 2).sqrt().detach(),
        )

    def _update(
        self, state: Tensor, injection: Tensor, place: tuple[int, int], generator: torch.Generator | None
    ) -> Tensor:
        config = self.config
        block = self.blocks[0 if config.tied else place[0] * (config.l_cycles + 1) + place[1]]
        state = config.damping * state + (1 - config.damping) * block(state + injection)
        if config.noise:
            state = state + config.noise * torch.randn(state.shape, generator=generator)
        return state


class Block(nn.Module):
    """Layers that mix cells and then the numbers of each cell, each with a residual and a norm after it."""

    def __init__(self, config: EquilibriumConfig) -> None:
        super().__init__()
        mixers: list[nn.Module] = [
            Attention(config.width, config.heads) if config.mixing == "attention" else OverCells(config.cells)
            for _ in range(config.layers)
        ]
        self.mixers = nn.ModuleList(mixers)
        self.gated = nn.ModuleList(Gated(config.width) for _ in range(config.layers))

    def forward(self, states: Tensor) -> Tensor:
        """Map [B, L, width] to the same shape."""
        for mixer, gated in zip(self.mixers, self.gated, strict=True):
            states = rms_norm(states + mixer(states))
            states = rms_norm(states + gated(states))
        return states


class Gated(nn.Module):
    """A gated linear layer (SwiGLU) over the last axis, of 4/3 times its width, rounded up to 8."""

    def __init__(self, width: int) -> None:
        super().__init__()
        inner = -(-4 * width // 3 // 8) * 8
        self.inwards = _linear(width, 2 * inner)
        self.outwards = _linear(inner, width)

    def forward(self, states: Tensor) -> Tensor:
        """Map [..., width] to the same shape."""
        gate, values = self.inwards(states).chunk(2, dim=-1)
        return cast(Tensor, self.outwards(functional.silu(gate) * values))


class OverCells(nn.Module):
    """A gated linear layer over the cells, the same for each number of a cell."""

    def __init__(self, cells: int) -> None:
        super().__init__()
        self.gated = Gated(cells)

    def forward(self, states: Tensor) -> Tensor:
        """Map [B, L, width] to the same shape."""
        return cast(Tensor, self.gated(states.transpose(1, 2)).transpose(1, 2))


class Attention(nn.Module):
    """Attention of every cell to all cells."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.inwards = _linear(width, 3 * width)
        self.outwards = _linear(width, width)

    def forward(self, states: Tensor) -> Tensor:
        """Map [B, L, width] to the same shape."""
        rows, cells, width = states.shape
        split = self.inwards(states).view(rows, cells, 3, self.heads, width // self.heads)
        queries, keys, values = split.permute(2, 0, 3, 1, 4)
        mixed = functional.scaled_dot_product_attention(queries, keys, values)
        return cast(Tensor, self.outwards(mixed.transpose(1, 2).reshape(rows, cells, width)))


def rms_norm(states: Tensor, *, eps: float = 1e-5) -> Tensor:
    """Divide by the root mean square over the last axis, without weights."""
    return states * torch.rsqrt(states.square().mean(dim=-1, keepdim=True) + eps)


def truncated_normal(shape: tuple[int, ...], generator: torch.Generator | None) -> Tensor:
    """Return float32 numbers of standard deviation 1, from a normal distribution that is cut at 2 deviations.

    The numbers are scaled up, since cutting makes them smaller.
    """
    uniform = torch.rand(shape, generator=generator)
    edge = math.erf(2 / math.sqrt(2))
    normal = torch.erfinv((2 * uniform - 1) * edge) * math.sqrt(2)
    return normal / _TRUNCATED_STD


def _linear(inputs: int, outputs: int) -> nn.Linear:
    layer = nn.Linear(inputs, outputs, bias=False)
    nn.init.trunc_normal_(layer.weight, std=inputs**-0.5, a=-2 * inputs**-0.5, b=2 * inputs**-0.5)
    return layer
