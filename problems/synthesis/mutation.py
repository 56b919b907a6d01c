"""A teacher without a model: the mutation of a micro family's spec, driven by pass rates."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..families.micro.problem import COST, make_statement, make_tests
from ..families.micro.programs import ProgramPlan, write_program
from ..families.micro.spec import CELLS, Cell, Spec
from ..families.micro.splits import Split, split_cells, split_of
from ..families.micro.transforms import MAPS, OUTPUTS, SLICES
from .bins import Band
from .proposal import Form, Proposal


@dataclass(frozen=True, kw_only=True)
class Rated:
    """A spec that was proposed, with the pass rate that was measured."""

    spec: Spec
    rate: float | None
    """None if the proposal was rejected without a pass rate."""


def next_spec(seed: Spec, history: Sequence[Rated], target: Band, generator: random.Random) -> Spec:
    """Return the next spec: one change of the spec whose pass rate is nearest to the target.

    From a spec in the band, only map, slice and output change, which keeps the question. From a spec that is
    too easy, the change makes the reference program longer, and from one that is too hard shorter: longer
    programs have more places for a mistake. Where no change has this effect, any change is made.

    Args:
        seed: Where the lineage begins; without history, one random change of it is returned.
        history: Earlier proposals of the lineage.
        target: The pass rates that are wanted.
        generator: Randomness of the choice.
    """
    tried = {seed.id, *(each.spec.id for each in history)}
    rated = [each for each in history if each.rate is not None]
    if not rated:
        base = history[-1].spec if history else seed
        return generator.choice(_untried(base, tried) or [base])
    # Of specs that are equally near, the latest; one whose changes were all tried is passed over.
    ordered = list(reversed(rated))
    ordered.sort(key=lambda each: target.distance(each.rate or 0.0))
    nearest = next((each for each in ordered if _untried(each.spec, tried)), ordered[0])
    rate = nearest.rate or 0.0
    near = _untried(nearest.spec, tried)
    length = _length(nearest.spec)
    if rate in target:
        wanted = [spec for spec in near if spec.cell == nearest.spec.cell]
    elif rate > target.high:
        wanted = [spec for spec in near if _length(spec) > length]
    else:
        wanted = [spec for spec in near if _length(spec) < length]
    return generator.choice(wanted or near or [nearest.spec])


def neighbours(spec: Spec) -> list[Spec]:
    """Return the specs of the training split that differ from a spec in one choice, in a fixed order."""
    parts = spec.combination
    changed = [
        *(replace(spec, combination=replace(parts, map=each)) for each in MAPS if each != parts.map),
        *(replace(spec, combination=replace(parts, slice=each)) for each in SLICES if each != parts.slice),
        *(replace(spec, combination=replace(parts, output=each)) for each in OUTPUTS if each != parts.output),
        *(replace(spec, cell=cell) for cell in _near_cells(spec.cell)),
    ]
    return [each for each in changed if split_of(each) is Split.TRAIN]


def _near_cells(cell: Cell) -> list[Cell]:
    """Return the trained cells with the same family or the same operator."""
    trained = {each.name for each in split_cells(held_out=False)}
    return [
        each
        for each in CELLS
        if each != cell
        and each.name in trained
        and (each.family == cell.family or each.operator == cell.operator)
    ]


def _untried(spec: Spec, tried: set[str]) -> list[Spec]:
    return [each for each in neighbours(spec) if each.id not in tried]


def _length(spec: Spec) -> int:
    return len(write_program(spec, ProgramPlan.FAST).split())


def family_proposal(spec: Spec) -> Proposal:
    """Return the problem of a spec as a teacher proposes it: its program and inputs, without outputs."""
    return Proposal(
        title=spec.id,
        statement=make_statement(spec).strip(),
        form=Form.PROGRAM,
        code=write_program(spec, ProgramPlan.FAST) + "\n",
        inputs=tuple(case.input().decode() for case in make_tests(spec)),
        cost=COST,
    )
