"""Findings and tables of the experiment, from its results."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from ...analysis.clustered import clustered_mean
from ...analysis.statistics import Interval
from .measuring import SELECTORS
from .statement import ARMS, MAIN, Claim, Scale, claims

Outcomes = Mapping[str, Mapping[int, Mapping[str, Any]]]
"""Results by arm and seed."""


def findings(outcomes: Outcomes, scale: Scale) -> list[dict[str, Any]]:
    """Return the difference of each claim, with its interval over seeds and its verdict."""
    return [_finding(claim, outcomes) for claim in claims(scale) if {claim.arm, claim.control} <= {*outcomes}]


def _finding(claim: Claim, outcomes: Outcomes) -> dict[str, Any]:
    arm, control = outcomes[claim.arm], outcomes[claim.control]
    seeds = sorted(arm.keys() & control.keys())
    pairs = [
        (arm[seed]["metrics"][claim.metric], control[seed]["metrics"][claim.control_metric]) for seed in seeds
    ]
    differences = [one - other for one, other in pairs]
    interval = clustered_mean(differences, np.arange(len(seeds))) if len(seeds) > 1 else None
    levels = np.mean(pairs, axis=0)
    return {
        "claim": claim.name,
        "level": float(levels[0]),
        "control": float(levels[1]),
        "difference": float(np.mean(differences)),
        "interval": [interval.low, interval.high] if interval else None,
        "verdict": _verdict(interval),
    }


def _verdict(interval: Interval | None) -> str:
    if interval is None:
        return "undecided"
    return "seen" if interval.positive else "not seen" if interval.negative else "undecided"


def markdown(outcomes: Outcomes, scale: Scale, extra: Mapping[str, Any]) -> str:
    """Return all tables."""
    parts = [
        _findings_table(findings(outcomes, scale)),
        _depth_table(outcomes, scale),
        _selector_table(outcomes[MAIN], scale),
        _residual_table(outcomes[MAIN]),
        _compute_table(outcomes[MAIN], scale, extra),
    ]
    if extra.get("ensemble"):
        parts.append(_table(("ensemble of the seeds", "accuracy"), _rows(extra["ensemble"])))
    return "\n".join(parts)


def _table(head: Sequence[str], rows: Iterator[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _rows(values: Mapping[str, float]) -> Iterator[Sequence[str]]:
    return ((name, f"{value:.3f}") for name, value in values.items())


def _mean(runs: Mapping[int, Mapping[str, Any]], metric: str) -> str:
    values = [run["metrics"][metric] for run in runs.values() if metric in run["metrics"]]
    return f"{np.mean(values):.3f}" if values else ""


def _findings_table(found: Sequence[Mapping[str, Any]]) -> str:
    def rows() -> Iterator[Sequence[str]]:
        for each in found:
            interval = each["interval"]
            shown = f" [{interval[0]:.3f}, {interval[1]:.3f}]" if interval else ""
            levels = (f"{each['level']:.3f}", f"{each['control']:.3f}")
            yield each["claim"], *levels, f"{each['difference']:.3f}{shown}", f"**{each['verdict']}**"

    return _table(("claim", "level", "control", "difference [over seeds]", "verdict"), rows())


def _depth_table(outcomes: Outcomes, scale: Scale) -> str:
    head = ("one restart", *(f"D = {depth}" for depth in scale.depths))
    rows = (
        (arm, *(_mean(outcomes[arm], f"single d{depth}") for depth in scale.depths))
        for arm in ARMS
        if arm in outcomes
    )
    return _table(head, rows)


def _selector_table(runs: Mapping[int, Mapping[str, Any]], scale: Scale) -> str:
    head = (f"`{MAIN}`", *(f"D = {depth}" for depth in scale.depths))
    rows = (
        (
            f"{selector}, B = {breadth}",
            *(_mean(runs, f"{selector} d{depth} b{breadth}") for depth in scale.depths),
        )
        for breadth in scale.breadths
        if breadth > 1
        for selector in SELECTORS[1:]
    )
    return _table(head, rows)


def _residual_table(runs: Mapping[int, Mapping[str, Any]]) -> str:
    bins = [run["errors"]["bins"] for run in runs.values()]
    rows = (
        (
            str(number + 1),
            f"{np.mean([each[number]['residual'] for each in bins]):.4f}",
            f"{np.mean([each[number]['error'] for each in bins]):.3f}",
        )
        for number in range(min(map(len, bins)))
    )
    return _table(("fifth by residual", "mean residual", "share wrong"), rows)


def _compute_table(runs: Mapping[int, Mapping[str, Any]], scale: Scale, extra: Mapping[str, Any]) -> str:
    """Return programs and reasoners in one table: CPU time and solve rate on the same puzzles."""

    def rows() -> Iterator[Sequence[str]]:
        for name, each in extra.get("programs", {}).items():
            yield f"program `{name}`", f"{1000 * each['cpu_s']:.2f}", f"{each['rate']:.3f}"
        for depth in scale.depths:
            for breadth in (1, scale.breadths[-1]):
                name = f"single d{depth}" if breadth == 1 else f"convergence d{depth} b{breadth}"
                seconds = np.mean([run["step_s"] for run in runs.values()]) * depth * breadth
                yield f"`{MAIN}` D = {depth}, B = {breadth}", f"{1000 * seconds:.2f}", _mean(runs, name)

    return _table(("solver", "CPU ms per puzzle", "solve rate"), rows())
