"""The metrics that only some runs write: by staleness, mixtures of environments, curricula and algorithms."""

from __future__ import annotations

from collections.abc import Iterator

from ..curricula.curriculum import LEVELS
from .metric import ANY, Metric, Section, Unit, Writer


def metrics_of_some_runs() -> Iterator[Metric]:
    """Yield the metrics that depend on the settings of a run, in the order of the documentation."""
    yield from _about_staleness()
    yield from _about_environments()
    yield from _about_curricula()
    yield from _about_algorithms()


def _about_staleness() -> Iterator[Metric]:
    section, writer = Section.UPDATE, Writer.STALENESS
    for name, unit, meaning in (
        ("staleness_mean", Unit.UPDATES, "Mean staleness of the rows that the step learns from."),
        ("staleness_max", Unit.UPDATES, "Largest staleness of a row that the step learns from."),
        (
            "stale_groups",
            Unit.COUNT,
            "Groups that were dropped, because a row was staler than `--staleness` allows.",
        ),
    ):
        yield Metric(name=name, unit=unit, section=section, writer=writer, meaning=meaning)
    yield Metric(
        name="time_s/wait",
        unit=Unit.SECONDS,
        section=Section.TIMES,
        writer=writer,
        meaning="Wall time in which the step waited for its update. "
        "`time_s/update` then overlaps with the other times and is no part of `time_s/total`.",
    )


def _about_environments() -> Iterator[Metric]:
    section, writer = Section.EXERCISES, Writer.MIXTURE
    for name, unit, meaning in (
        ("problems", Unit.COUNT, "Problems of the step that are played in the environment."),
        ("reward_mean", Unit.REWARD, "Mean reward of the valid attempts in the environment."),
    ):
        yield Metric(
            name=f"environments/{ANY}/{name}", unit=unit, section=section, writer=writer, meaning=meaning
        )


def _about_curricula() -> Iterator[Metric]:
    section = Section.EXERCISES
    yield Metric(
        name="curriculum/coverage_mean",
        unit=Unit.COVERAGE,
        section=section,
        writer=Writer.CURRICULUM,
        meaning="Mean coverage under which the problems of the step are judged.",
    )
    for level in LEVELS:
        yield Metric(
            name=f"curriculum/{level}_share",
            unit=Unit.SHARE,
            section=section,
            writer=Writer.CURRICULUM,
            meaning=f"Share of the problems of the step whose difficulty is {level}.",
        )
    yield Metric(
        name="curriculum/known",
        unit=Unit.COUNT,
        section=section,
        writer=Writer.PASS_RATE,
        meaning="Problems, cells or families with a pass rate, before the step.",
    )
    yield Metric(
        name="curriculum/in_band",
        unit=Unit.SHARE,
        section=section,
        writer=Writer.PASS_RATE,
        meaning="Share of these whose pass rate is in the band from `low` to `high`.",
    )
    yield Metric(
        name="curriculum/level_mean",
        unit=Unit.LEVEL,
        section=section,
        writer=Writer.STEPPING_STONES,
        meaning="Mean level of the chains before the step: 0 is easy, 1 medium and 2 hard.",
    )


def _about_algorithms() -> Iterator[Metric]:
    for name, what in (
        ("stated_rank_correlation", "the progress that the policy stated last"),
        ("hindsight_rank_correlation", "the last label of the look back"),
    ):
        yield Metric(
            name=f"algorithm/{name}",
            unit=Unit.CORRELATION,
            section=Section.SIGNAL,
            writer=Writer.REPRO,
            meaning=f"Rank correlation of {what} with the true progress; null where it is not defined.",
        )
    yield Metric(
        name="algorithm/verifier_parsed",
        unit=Unit.SHARE,
        section=Section.SIGNAL,
        writer=Writer.VERIFIED_GRPO,
        meaning="Share of the questions to the verifier that it answered in the form asked for; null without "
        "a question.",
    )
