"""What an attempt is, and all attempts with their reasons."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from .ends import Ends
from .variant import Variant

Row = Mapping[str, Any]
"""Weight of each end in a merge: a number, or cases by parts of the names of tensors as in a recipe."""
Line = Callable[[Ends, int, float], Row]
"""Function that returns the merge of a seed at an alpha."""
Tier = Literal["all", "hard"]
SEEDS = (0, 1, 2)
POOLED = -1
"""Number of the seed of a line that joins the runs of all seeds."""
TESTED = 1.25
"""The alpha at which extrapolation is tested; every attempt has it."""
RELEX = "relex"
"""In place of a step: the last checkpoint of the line that RELEX fits to the checkpoints of a run."""


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """A way to merge the trained checkpoints and to sample from the merges."""

    name: str
    reason: str
    line: Line = field(repr=False)
    alphas: tuple[float, ...] = (0.0, 0.5, 1.0, 1.25, 1.5)
    seeds: tuple[int, ...] = SEEDS
    temperature: float = 1.0
    top_p: float = 1.0
    tier: Tier = "all"
    """Problems that are played: all drawn ones, or those that are hardest for the trained checkpoints."""
    problems: int | None = None
    """Number of the tier's problems that are played; all unless given."""
    samples: int | None = None
    """Number of samples per problem and checkpoint; as many as the tier has unless given."""
    variant: Variant | None = None
    """Runs of its own, if the attempt changes the training."""
    by_default: bool = True
    """Whether the attempt is made unless names are given."""

    def __post_init__(self) -> None:
        missing = {0.0, 1.0, TESTED} - set(self.alphas)
        if missing:
            raise ValueError(f"attempt {self.name!r} lacks the alphas {sorted(missing)}, got {self.alphas!r}")


def varied(variant: Variant) -> Line:
    """Return the line between the ends of a variant; a side that it does not train is the lab's own."""

    def line(ends: Ends, seed: int, alpha: float) -> Row:
        low, high = (
            variant.end(seed, side) if side in variant.sides else ends.name(seed, side, ends.last)
            for side in ("low", "high")
        )
        return {low: 1.0 - alpha, high: alpha}

    return line


def between(step: int | str) -> Line:
    """Return the line between the two checkpoints of a seed after a number of steps."""

    def line(ends: Ends, seed: int, alpha: float) -> Row:
        return {ends.name(seed, "low", step): 1.0 - alpha, ends.name(seed, "high", step): alpha}

    return line


def mean_of_seeds(ends: Ends, seed: int, alpha: float) -> Row:
    """Return the merge of the mean checkpoints of all seeds; `seed` does not matter."""
    share = 1.0 / len(SEEDS)
    row: dict[str, float] = {}
    for each in SEEDS:
        row[ends.name(each, "low", ends.last)] = share * (1.0 - alpha)
        row[ends.name(each, "high", ends.last)] = share * alpha
    return row


def without_drift(ends: Ends, seed: int, alpha: float) -> Row:
    """Return the merge along the difference of the ends without its part along their common change.

    With c = (low + high) / 2 - start and d = high - low, the line is high + (alpha - 1) (d - k c), where
    k = <d, c> / <c, c> over all weights.
    """
    low, high = (ends.name(seed, side, ends.last) for side in ("low", "high"))
    part, beyond = ends.share_along_drift(seed), alpha - 1.0
    return {
        low: -beyond * (1.0 + part / 2),
        high: 1.0 + beyond * (1.0 - part / 2),
        ends.START: beyond * part,
    }


def only(words: str) -> Line:
    """Return a line that extrapolates the tensors with a text in their name, and no others."""

    def line(ends: Ends, seed: int, alpha: float) -> Row:
        inside = min(max(alpha, 0.0), 1.0)

        def cases(moved: float, kept: float) -> Any:
            return moved if moved == kept else [{"filter": words, "value": moved}, {"value": kept}]

        return {
            ends.name(seed, "low", ends.last): cases(1.0 - alpha, 1.0 - inside),
            ends.name(seed, "high", ends.last): cases(alpha, inside),
        }

    return line


def _last(ends: Ends, seed: int, alpha: float) -> Row:
    return between(ends.last)(ends, seed, alpha)


ATTEMPTS = (
    Attempt(name="base", reason="The lab's own line, as the control of all others.", line=_last),
    Attempt(
        name="near",
        reason="Damage may begin beyond a small step, so smaller steps are looked at.",
        line=_last,
        alphas=(0.0, 1.0, 1.05, 1.1, TESTED),
    ),
    Attempt(
        name="after 20 steps",
        reason="A smaller displacement may be straighter: extrapolate early checkpoints.",
        line=between(20),
        alphas=(0.0, 1.0, TESTED, 1.5, 2.0),
    ),
    Attempt(
        name="after 30 steps",
        reason="As after 20 steps, nearer to the end.",
        line=between(30),
        alphas=(0.0, 1.0, TESTED, 1.5, 2.0),
    ),
    Attempt(
        name="after 40 steps",
        reason="As after 20 steps, still nearer to the end.",
        line=between(40),
        alphas=(0.0, 1.0, TESTED, 1.5),
    ),
    Attempt(
        name="mean of seeds",
        reason="The mean of three runs has less noise per weight, and noise is what extrapolation amplifies.",
        line=mean_of_seeds,
        seeds=(POOLED,),
    ),
    Attempt(
        name="relex ends",
        reason="The rank-1 fit of each run replaces its last checkpoint, without the noise across its path.",
        line=between(RELEX),
        alphas=(0.0, 1.0, TESTED, 1.5),
    ),
    Attempt(
        name="without drift",
        reason="Both runs share a change; extrapolating it too may be what breaks programs.",
        line=without_drift,
        alphas=(0.0, 1.0, TESTED, 1.5),
    ),
    Attempt(
        name="attention only",
        reason="If damage comes from some tensors, extrapolating the others extends without it.",
        line=only("self_attn"),
        alphas=(0.0, 1.0, TESTED, 1.5),
    ),
    Attempt(
        name="mlp only",
        reason="The counterpart of `attention only`.",
        line=only("mlp"),
        alphas=(0.0, 1.0, TESTED, 1.5),
    ),
    Attempt(
        name="top-p 0.95",
        reason="Broken programs begin with an unlikely token; nucleus sampling leaves those out.",
        line=_last,
        top_p=0.95,
    ),
    Attempt(
        name="temperature 0.7",
        reason="As top-p 0.95, with another way to leave out unlikely tokens.",
        line=_last,
        temperature=0.7,
    ),
    Attempt(
        name="hard tier",
        reason="Where the best checkpoint solves nearly everything in k samples, no ensemble can gain.",
        line=_last,
        tier="hard",
    ),
)
"""The first attempts, in the order in which they were made up; all were written before the first was run."""
LOWER = Variant(name="low-0.3", sides={"low": 0.3})
SLOWER = Variant(name="slower", sides={"low": 0.5, "high": 1.0}, lr=2e-5, steps=120)
LARGER = Variant(name="larger", sides={"low": 0.5, "high": 1.0}, width=360)
LATER_ATTEMPTS = (
    Attempt(
        name="low coverage 0.3",
        reason="Ends that differ more, without longer training; fewer than two tests are no reward.",
        line=varied(LOWER),
        variant=LOWER,
        alphas=(0.0, 1.0, TESTED, 1.5),
    ),
    Attempt(
        name="slower and longer",
        reason="Twice the steps at 0.4 of the learning rate: as far in style, with less noise per weight.",
        line=varied(SLOWER),
        variant=SLOWER,
        alphas=(0.0, 1.0, TESTED, 1.5),
        seeds=(0, 1),
    ),
    Attempt(
        name="pass@256",
        reason="The paper's gain is at k = 250: with few samples the hard problems are not reached.",
        line=_last,
        alphas=(0.0, 1.0, TESTED),
        seeds=(0, 1),
        tier="hard",
        problems=16,
        samples=256,
    ),
    Attempt(
        name="larger model",
        reason="4.8 M weights have more room for both plans; about ten times the training time.",
        line=varied(LARGER),
        variant=LARGER,
        alphas=(0.0, 1.0, TESTED, 1.5),
        seeds=(0,),
        by_default=False,
    ),
)
"""Attempts that were written after the first ones had been run in part, but before their own runs."""
