"""The table of metrics: what each name in metrics.jsonl means, its unit, and where it is drawn.

Browser page, figures, event files and the documentation take names and meanings from this table. A test
runs stages of training and compares the names that are written with the names here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ...judge import Verdict
from ...problems.families import ProgramPlan
from .metric import Metric, Section, Stage, Unit, Writer
from .some_runs import metrics_of_some_runs

NO_CODE = "no_code"
_ALL = frozenset(Stage)
_LANGUAGE = frozenset({Stage.SFT, Stage.RL, Stage.DPO})
_SUPERVISED = frozenset({Stage.SFT, Stage.DPO, Stage.EQUILIBRIUM})
_PAIRS = frozenset({Stage.DPO})
_GRIDS = frozenset({Stage.EQUILIBRIUM})


def _metrics() -> Iterator[Metric]:
    yield from _about_episodes()
    yield from _about_groups()
    yield from _about_updates()
    yield from _about_pairs()
    yield from _about_grids()
    yield from _about_times()
    yield from metrics_of_some_runs()
    yield from _about_failures()


def _about_episodes() -> Iterator[Metric]:
    section = Section.EPISODES
    yield Metric(name="episodes", unit=Unit.COUNT, section=section, meaning="Sampled episodes.")
    yield Metric(
        name="invalid_episodes",
        unit=Unit.COUNT,
        section=section,
        meaning="Episodes without a reward, because infrastructure failed twice. They are not learned from.",
    )
    yield Metric(
        name="failed_attempts",
        unit=Unit.COUNT,
        section=section,
        meaning="Attempts at episodes that infrastructure failed on, including attempts that were repeated.",
    )
    yield Metric(
        name="continuations",
        unit=Unit.COUNT,
        section=section,
        meaning="Valid episodes that sample a part of a failed episode again (`axpo`). They are no attempts.",
    )
    yield Metric(
        name="retrospections",
        unit=Unit.COUNT,
        section=section,
        meaning="Valid episodes that look back on another episode (`repro`). They are no attempts.",
    )
    yield Metric(
        name="continuation_reward_mean",
        unit=Unit.REWARD,
        section=section,
        meaning="Mean reward of the continuations; 0 without any.",
    )
    yield Metric(
        name="reward_mean",
        unit=Unit.REWARD,
        section=Section.OUTCOME,
        meaning="Mean reward of the valid attempts, before groups without signal are dropped.",
    )
    for verdict in (*(each.value for each in Verdict), NO_CODE):
        yield Metric(
            name=f"verdicts/{verdict}",
            unit=Unit.SHARE,
            section=Section.OUTCOME,
            meaning="Share of valid attempts without a program."
            if verdict == NO_CODE
            else f"Share of valid attempts whose program has the verdict {verdict}.",
        )
    for verdict in (Verdict.COMPILE_ERROR.value, NO_CODE):
        what = "has no program" if verdict == NO_CODE else "has the verdict CE"
        yield Metric(
            name=f"truncated_{verdict.lower()}",
            unit=Unit.SHARE,
            section=Section.LENGTHS,
            meaning=f"Share of valid attempts whose reply was cut at the token limit and {what}. "
            f"`verdicts/{verdict}` contains this share.",
        )
    for plan in ProgramPlan:
        yield Metric(
            name=f"plans/{plan.value}",
            unit=Unit.SHARE,
            section=section,
            meaning=f"Share of valid attempts whose program states the plan `{plan.value}`.",
        )
    yield from _about_lengths()


def _about_lengths() -> Iterator[Metric]:
    section = Section.LENGTHS
    yield Metric(
        name="completion_tokens",
        unit=Unit.TOKENS,
        section=section,
        meaning="Sampled tokens of all valid episodes.",
    )
    yield Metric(
        name="completion_tokens_mean",
        unit=Unit.TOKENS,
        section=section,
        meaning="Mean number of sampled tokens of a valid episode.",
    )
    yield Metric(
        name="completion_tokens_max",
        unit=Unit.TOKENS,
        section=section,
        meaning="Largest number of sampled tokens of a valid episode.",
    )
    yield Metric(
        name="truncated",
        unit=Unit.SHARE,
        section=section,
        meaning="Share of valid episodes with a reply that was cut at the token limit.",
    )


def _about_groups() -> Iterator[Metric]:
    section = Section.SIGNAL
    yield Metric(
        name="groups",
        unit=Unit.COUNT,
        section=section,
        meaning="Sampled groups, without groups of retrospections.",
    )
    yield Metric(
        name="groups_with_signal",
        unit=Unit.COUNT,
        section=section,
        meaning="Groups whose rewards differ, so that the step learns from them.",
    )
    yield Metric(
        name="groups_all_pass",
        unit=Unit.SHARE,
        section=section,
        meaning="Share of the groups with a valid attempt whose rewards are all the same and at least 1.",
    )
    yield Metric(
        name="groups_all_fail",
        unit=Unit.SHARE,
        section=section,
        meaning="Share of the groups with a valid attempt whose rewards are all the same and below 1.",
    )
    yield Metric(
        name="refill_rounds",
        unit=Unit.COUNT,
        section=section,
        meaning="Rounds in which groups without signal were replaced by groups on further problems.",
    )


def _about_updates() -> Iterator[Metric]:
    section = Section.UPDATE
    yield Metric(
        name="tokens", unit=Unit.TOKENS, section=section, stages=_LANGUAGE, meaning="Tokens learned from."
    )
    yield Metric(
        name="loss",
        unit=Unit.NATS,
        section=section,
        stages=_ALL,
        meaning="Value of the loss. In `rl` and `dpo` the value does not measure progress; only its gradient "
        "matters.",
    )
    yield Metric(
        name="loss_ema",
        unit=Unit.NATS,
        section=section,
        stages=_SUPERVISED,
        meaning="Moving average of the loss with decay 0.95.",
    )
    yield Metric(
        name="lr",
        unit=Unit.RATE,
        section=section,
        stages=_ALL,
        meaning="Learning rate of the step.",
    )
    yield Metric(
        name="grad_norm",
        unit=Unit.NORM,
        section=section,
        stages=_ALL,
        meaning="Norm of the gradient in the last pass, before clipping.",
    )
    yield Metric(
        name="entropy",
        unit=Unit.NATS,
        section=Section.OUTCOME,
        stages=_LANGUAGE,
        lowest=0,
        meaning="Mean entropy of the model over the tokens learned from, before the update.",
    )
    for side, where in (("low", "below the lower"), ("high", "above the upper")):
        yield Metric(
            name=f"clip_{side}",
            unit=Unit.SHARE,
            section=section,
            meaning=f"Share of tokens whose ratio was {where} clipping bound.",
        )
    yield Metric(
        name="importance_capped",
        unit=Unit.SHARE,
        section=section,
        meaning="Share of tokens whose correction for the sampler was capped.",
    )
    yield Metric(
        name="ratio_mean",
        unit=Unit.RATIO,
        section=section,
        meaning="Mean of the trainer's probability over the sampler's. "
        "Without `--staleness`, a value far from 1 means a defect.",
    )
    yield Metric(
        name="sampler_kl",
        unit=Unit.NATS,
        section=section,
        lowest=0,
        meaning="Mean estimate of the divergence between trainer and sampler per token.",
    )


def _about_pairs() -> Iterator[Metric]:
    for name, unit, lowest, meaning in (
        ("pair_loss", Unit.NATS, 0, "Mean loss of DPO over the pairs of the step, before the update."),
        (
            "margin",
            Unit.NATS,
            None,
            "Mean margin of the pairs before the update: `beta` times the log-probability of the better "
            "reply minus that of the worse reply, each relative to the reference.",
        ),
        ("pair_accuracy", Unit.SHARE, None, "Share of the pairs with a positive margin before the update."),
    ):
        yield Metric(
            name=f"algorithm/{name}",
            unit=unit,
            section=Section.SIGNAL,
            stages=_PAIRS,
            lowest=lowest,
            meaning=meaning,
        )


def _about_grids() -> Iterator[Metric]:
    section = Section.UPDATE
    for name, meaning in (
        ("cells_right", "Share of the cells of the batch that are right after the outer step."),
        ("grids_right", "Share of the grids of the batch that are right in all cells."),
        ("halted", "Share of the grids that the network halts on and that another grid replaces."),
    ):
        yield Metric(name=name, unit=Unit.SHARE, section=section, stages=_GRIDS, meaning=meaning)
    yield Metric(
        name="residual",
        unit=Unit.NORM,
        section=section,
        stages=_GRIDS,
        meaning="Root mean square of the change of the latent states in the outer step.",
    )


def _about_times() -> Iterator[Metric]:
    section = Section.TIMES
    yield Metric(
        name="judge_cache_hits",
        unit=Unit.SHARE,
        section=section,
        meaning="Share of the submissions whose verdict was known, because an equal program had been judged.",
    )
    for name, what in (
        ("sample", "in which replies were sampled"),
        ("judge", "in which programs were judged and nothing was sampled"),
        ("update", "of the update of the weights"),
        ("other", "of everything else in the step, such as preparing problems"),
    ):
        yield Metric(name=f"time_s/{name}", unit=Unit.SECONDS, section=section, meaning=f"Wall time {what}.")
    yield Metric(
        name="time_s/total",
        unit=Unit.SECONDS,
        section=section,
        stages=_ALL,
        meaning="Wall time of the whole step.",
    )


def _about_failures() -> Iterator[Metric]:
    section = Section.FAILURES
    for name, meaning in (
        ("error", "Reason why the step failed. The run ended at this step."),
        ("diverged/figure", "Figure that was not finite."),
        ("diverged/value", "Value of that figure: `nan`, `inf` or `-inf`."),
    ):
        yield Metric(
            name=name,
            unit=Unit.TEXT,
            section=section,
            stages=_ALL,
            writer=Writer.FAILED,
            meaning=meaning,
        )


METRICS: Mapping[str, Metric] = {metric.name: metric for metric in _metrics()}
"""All metrics by name, without `step`, which counts the steps from 1."""
_PATTERNS = tuple(metric for metric in METRICS.values() if metric.is_pattern)


def metric_of(name: str) -> Metric | None:
    """Return the metric of a flat name in metrics.jsonl; None for a name that is not in the table."""
    return METRICS.get(name) or next((each for each in _PATTERNS if each.covers(name)), None)
