"""The charts of the metrics, and the table of the metrics for the documentation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from .catalogue import METRICS
from .metric import ANY, SEPARATOR, Metric, Section, Stage, Unit, Writer


@dataclass(frozen=True, kw_only=True)
class Chart:
    """A chart of one metric, or of nested metrics that are stacked because they add up to a whole."""

    title: str
    """Name of the metric or of the nested metrics."""
    section: Section
    """Part of the page."""
    unit: Unit
    """Unit of the axis."""
    meaning: str
    """Sentence below the title."""
    names: tuple[str, ...]
    """Metrics in the chart."""
    stacked: bool = False
    """Whether the metrics are areas on top of each other."""

    def over(self, names: Iterable[str]) -> Iterator[Chart]:
        """Yield the charts of the metrics that a pattern covers among flat names; another chart as it is."""
        if ANY not in self.title:
            yield self
            return
        metric = METRICS[self.title]
        for name in names:
            if metric.covers(name):
                yield replace(self, title=name, names=(name,))


WHOLES: Mapping[str, str] = {
    "verdicts": "Shares of valid attempts by verdict.",
    "plans": "Shares of valid attempts by the plan that the program states.",
    "time_s": "Wall time of the step by activity.",
}
"""Nested metrics that are drawn as stacked areas, with a sentence for the chart."""
SUM = "total"
"""Last part of the name of a nested metric that is the sum of its neighbours; it is drawn alone."""


DERIVED: Mapping[str, Metric] = {
    metric.name: metric
    for metric in (
        Metric(
            name="signal_share",
            unit=Unit.SHARE,
            section=Section.SIGNAL,
            meaning="Share of the sampled groups that the step learns from: groups_with_signal / groups.",
        ),
        Metric(
            name="tokens_per_s",
            unit=Unit.TOKENS_PER_S,
            section=Section.TIMES,
            stages=frozenset({Stage.SFT, Stage.RL, Stage.DPO}),
            meaning="Sampled tokens per second of the whole step; in `sft` and `dpo`, tokens learned from.",
        ),
        Metric(
            name="overlapping_update_s",
            unit=Unit.SECONDS,
            section=Section.TIMES,
            writer=Writer.STALENESS,
            meaning="Wall time of the update, which overlaps with the other times of the step.",
        ),
    )
}
"""Metrics that are not written but computed from others, for the page and the terminal."""


def drawn(values: Mapping[str, float]) -> dict[str, float]:
    """Return the numbers of a step as they are drawn, with the metrics of `DERIVED` as far as they are known.

    The times of a step add up to its total. With staleness, the time of the update overlaps with other times,
    so it is no part of the whole and is drawn apart.
    """
    found = dict(values)
    if "time_s/wait" in found and "time_s/update" in found:
        found["overlapping_update_s"] = found.pop("time_s/update")
    if found.get("groups"):
        found["signal_share"] = found.get("groups_with_signal", 0.0) / found["groups"]
    if found.get("time_s/total"):
        tokens = found.get("completion_tokens", found.get("tokens", 0.0))
        found["tokens_per_s"] = tokens / found["time_s/total"]
    return found


def charts() -> tuple[Chart, ...]:
    """Return the charts of all metrics that are numbers, in the order of the sections."""
    found = [*_single_charts(), *(_whole_chart(parent) for parent in WHOLES)]
    order = list(Section)
    return tuple(sorted(found, key=lambda chart: order.index(chart.section)))


def _single_charts() -> Iterator[Chart]:
    for metric in (*DERIVED.values(), *METRICS.values()):
        if metric.is_number and (metric.parent not in WHOLES or _is_sum(metric)):
            yield Chart(
                title=metric.name,
                section=metric.section,
                unit=metric.unit,
                meaning=metric.meaning,
                names=(metric.name,),
            )


def _whole_chart(parent: str) -> Chart:
    parts = [metric for metric in METRICS.values() if metric.parent == parent and not _is_sum(metric)]
    return Chart(
        title=parent,
        section=parts[0].section,
        unit=parts[0].unit,
        meaning=WHOLES[parent],
        names=tuple(part.name for part in parts),
        stacked=True,
    )


def _is_sum(metric: Metric) -> bool:
    return metric.name.endswith(SEPARATOR + SUM)


def markdown(metrics: Sequence[Metric] = tuple(METRICS.values())) -> str:
    """Return the table of metrics for the documentation."""
    lines = ["| name | unit | range | stage | written by | meaning |", "|---|---|---|---|---|---|"]
    for metric in metrics:
        stages = ", ".join(stage.value for stage in Stage if stage in metric.stages)
        values = str(metric.range) if metric.is_number else ""
        cells = (f"`{metric.name}`", metric.unit.value, values, stages, metric.writer.value, metric.meaning)
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"
