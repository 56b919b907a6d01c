"""What the identities of agents say about their checkpoints: places on a line of merges, and controls."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ...agents import AgentIdentity
from ..analysis.frontier import CheckpointPoint
from ..comparing import RunOutcomes
from ..errors import BenchError

SAMPLING = ("temperature", "model_seed")
"""Settings of agents that make the members of a control differ."""


@dataclass(frozen=True, kw_only=True)
class Line:
    """The runs as points of a frontier."""

    points: tuple[CheckpointPoint, ...]
    """A point for each run, in the order of the runs."""
    notes: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Group:
    """Runs that may be members of an ensemble."""

    name: str
    members: tuple[int, ...]
    """Numbers of the runs, at least 2."""
    control: bool
    """Whether the members are the same model with other temperatures or seeds."""


def line_of(
    runs: Sequence[RunOutcomes],
    agents: Mapping[str, AgentIdentity],
    given: Mapping[str, float] | None = None,
) -> Line:
    """Place the runs on the line from low coverage (alpha 0) to high coverage (alpha 1).

    Args:
        runs: Runs with different labels.
        agents: Agents by digest.
        given: Alphas by label. Without any, they are those in the records of the merges.

    Raises:
        BenchError: A label is not that of a run, or an alpha is given twice.
    """
    labels = [run.label for run in runs]
    unknown = sorted(set(given or {}) - set(labels))
    if unknown:
        raise BenchError(f"there is no run {unknown[0]!r} to give an alpha: runs are {', '.join(labels)}")
    notes: list[str] = []
    alphas = dict(given) if given else _recorded(runs, agents, notes)
    if len(set(alphas.values())) < len(alphas):
        if given:
            raise BenchError(f"an alpha may be given to one run only, got {_listed(given)}")
        notes.append("several runs have the same alpha, so none is on the line: give the alphas")
        alphas = {}
    points = [
        CheckpointPoint(name=label, alpha=alphas.get(label), trained=alphas.get(label) in (0, 1))
        for label in labels
    ]
    return Line(points=tuple(points), notes=tuple(notes))


def in_order(runs: Sequence[RunOutcomes], line: Line) -> tuple[list[RunOutcomes], Line]:
    """Return the runs and their points in the order of alpha; runs without an alpha come last."""
    order = sorted(
        range(len(runs)),
        key=lambda place: (line.points[place].alpha is None, line.points[place].alpha or 0.0, place),
    )
    points = tuple(line.points[place] for place in order)
    return [runs[place] for place in order], Line(points=points, notes=line.notes)


def groups_of(runs: Sequence[RunOutcomes], agents: Mapping[str, AgentIdentity], line: Line) -> list[Group]:
    """Return the groups of runs whose ensembles are measured, controls last.

    The groups are all runs, the checkpoints of the line without those beyond its ends, and for each model the
    runs that differ in temperature only or in seed only.
    """
    inside = tuple(
        place for place, point in enumerate(line.points) if point.alpha is not None and not point.extrapolated
    )
    placed = tuple(place for place, point in enumerate(line.points) if point.alpha is not None)
    found = {tuple(range(len(runs))): "all runs"}
    found.setdefault(placed, "the line of checkpoints")
    found.setdefault(inside, "the line without extrapolation")
    groups = [Group(name=name, members=members, control=False) for members, name in found.items()]
    for varied in SAMPLING:
        groups += _controls(runs, agents, varied)
    # All runs may be a control themselves, if they are one model.
    controls = {group.members for group in groups if group.control}
    return [
        group
        for group in groups
        if len(group.members) > 1 and (group.control or group.members not in controls)
    ]


def _recorded(
    runs: Sequence[RunOutcomes], agents: Mapping[str, AgentIdentity], notes: list[str]
) -> dict[str, float]:
    """Return the alphas of merges of one pair of parents."""
    found: dict[str, dict[str, float]] = {}
    for run in runs:
        merge = agents[run.digest].settings.get("recipe") if run.digest in agents else None
        recipe = merge.get("recipe") if isinstance(merge, Mapping) else None
        alpha = recipe.get("alpha") if isinstance(recipe, Mapping) else None
        if isinstance(merge, Mapping) and isinstance(alpha, int | float) and not isinstance(alpha, bool):
            parents = json.dumps(merge.get("parents"), sort_keys=True)
            found.setdefault(parents, {})[run.label] = float(alpha)
    if len(found) > 1:
        notes.append(f"merges of {len(found)} pairs of parents are on no common line: give the alphas of one")
        return {}
    return next(iter(found.values()), {})


def _controls(runs: Sequence[RunOutcomes], agents: Mapping[str, AgentIdentity], varied: str) -> list[Group]:
    found: dict[str, list[int]] = {}
    for place, run in enumerate(runs):
        agent = agents.get(run.digest)
        if agent is not None and agent.model is not None:
            rest = {name: value for name, value in agent.settings.items() if name != varied}
            key = json.dumps([run.env, agent.kind, agent.model, rest], sort_keys=True)
            found.setdefault(key, []).append(place)
    what = {"temperature": "temperatures", "model_seed": "seeds"}[varied]
    return [
        Group(name=f"{what} of {runs[members[0]].agent}", members=tuple(members), control=True)
        for members in found.values()
        if len({agents[runs[place].digest].settings.get(varied) for place in members}) == len(members) > 1
    ]


def _listed(alphas: Mapping[str, float]) -> str:
    return ", ".join(f"{label}={alpha:g}" for label, alpha in alphas.items())
