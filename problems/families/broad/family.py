"""A broad family: one question with parameters, and the programs that answer it, as templates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import product
from string import Template
from textwrap import dedent

from ...model import Difficulty
from .domains import Domain


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One value of a parameter."""

    name: str
    """As in the id: lower-case letters and digits."""
    words: str
    """As in the statement."""
    code: str
    """As in the programs."""
    parts: Mapping[str, str] = field(default_factory=dict, hash=False)
    """Further pieces of the programs, and of the statement, by name."""


Axis = tuple[Choice, ...]
Base = tuple[Choice, ...]
"""A choice for each parameter of a family, in their order."""


def numbers(*values: int) -> Axis:
    """Return a parameter that is one of some numbers, none of them negative."""
    return tuple(Choice(name=str(value), words=str(value), code=str(value)) for value in values)


def pick(name: str, words: str, code: str = "", **parts: str) -> Choice:
    """Return a choice."""
    return Choice(
        name=name,
        words=words,
        code=dedent(code).strip("\n"),
        parts={part: dedent(text).strip("\n") for part, text in parts.items()},
    )


def residues(moduli: range) -> Axis:
    """Return a parameter that is a modulus with one of its residues: parts `m` and `rest`."""
    return tuple(
        pick(f"{rest}of{m}", f"{rest} modulo {m}", m=str(m), rest=str(rest))
        for m in moduli
        for rest in range(m)
    )


@dataclass(frozen=True, kw_only=True)
class Mistake:
    """A plausible slip in the reference: `old` is replaced once by `new`."""

    old: str
    new: str


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """How large the inputs of the tiers are; what a size counts is the domain's affair."""

    small: range
    medium: int
    large: int


@dataclass(frozen=True, kw_only=True, eq=False)
class BroadFamily:
    """One question about inputs of one domain, for every choice of its parameters.

    The programs are bodies of Python: they find what the domain reads and leave the answer, an integer, in
    `r`. In `task` a parameter `$k` stands for the words of its choice, in programs for its code; `$k_part`
    is one of its parts in both. A part of several lines is indented like the line that it stands on.
    """

    name: str
    """As in ids."""
    title: str
    domain: Domain
    difficulty: Difficulty
    """Without a twist."""
    axes: Mapping[str, Axis] = field(repr=False)
    task: str = field(repr=False)
    """What r is, in words."""
    fast: str = field(repr=False)
    slow: str = field(repr=False)
    mistakes: tuple[Mistake, ...] = field(repr=False)
    sizes: Sizes
    cost: int = 24_000
    """Events (lines and jumps) that a program may use on one test."""

    def bases(self) -> list[Base]:
        """Return every choice of parameters, in a fixed order."""
        return list(product(*self.axes.values()))

    def body(self, base: Base, *, fast: bool) -> str:
        """Return the reference or the slow program between reading and output."""
        return fill(self.fast if fast else self.slow, self._fragments(base, code=True))

    def describe(self, base: Base) -> str:
        """Return what r is, in words."""
        return " ".join(fill(self.task, self._fragments(base, code=False)).split())

    def _fragments(self, base: Base, *, code: bool) -> dict[str, str]:
        fragments = {}
        for axis, choice in zip(self.axes, base, strict=True):
            fragments[axis] = choice.code if code else choice.words
            fragments |= {f"{axis}_{part}": text for part, text in choice.parts.items()}
        return fragments


def fill(text: str, fragments: Mapping[str, str]) -> str:
    """Put fragments into a template; those of several lines keep the indentation of theirs.

    Fragments may hold the names of others. Lines that turn out empty are left out.
    """
    fragments = {name: Template(fragment).substitute(fragments) for name, fragment in fragments.items()}
    lines = []
    for line in dedent(text).strip("\n").split("\n"):
        indent = line[: len(line) - len(line.lstrip())]
        filled = Template(line).substitute(
            {name: fragment.replace("\n", "\n" + indent) for name, fragment in fragments.items()}
        )
        lines += [each for each in filled.split("\n") if each.strip()]
    return "\n".join(lines)


def mistakes(*pairs: tuple[str, str]) -> tuple[Mistake, ...]:
    """Return slips by what they replace and what by."""
    return tuple(Mistake(old=old, new=new) for old, new in pairs)
