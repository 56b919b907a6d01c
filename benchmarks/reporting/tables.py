"""The tables of a report."""

from __future__ import annotations

from collections.abc import Sequence

from ..analysis.outcomes import OUTCOMES
from ..analysis.regions import REGION_METHOD
from ..analysis.statistics import RESAMPLES, Interval
from ..comparing.breakdowns import By
from ..comparing.compare import LEVEL
from ..comparing.sheets import Sheet, part_sheet, sheets
from .findings import Findings

BOOTSTRAP = f"95 % intervals: bootstrap over clusters of problems, {RESAMPLES} draws"
_CLASSES = ("correctness", "optimization", "broken")


def comparison_sheets(findings: Findings) -> list[Sheet]:
    """Return the tables of rates and of pairs, as `codefrontier compare` prints them."""
    return sheets(findings.comparison)


def part_sheets(findings: Findings) -> list[Sheet]:
    """Return the tables of the parts of the problems, and of the modes."""
    found: list[Sheet] = []
    for by, each in findings.parts.items():
        if by is By.MODE:
            for part in each.parts:
                found += sheets(part.comparison, title=f"Modes: {part.value}")
        elif each.parts:
            found.append(part_sheet(each.parts))
        if each.notes:
            found.append(Sheet(title=f"By {by}: left out", columns=("note",), rows=(), notes=each.notes))
    return found


def outcome_sheet(findings: Findings) -> Sheet:
    """Return the table of outcomes by run."""
    names = [name for name in OUTCOMES if any(row.rates[name].estimate for row in findings.frontier)]
    rows = [
        (row.point.name, str(row.episodes), *(_share(row.rates[name].estimate) for name in names))
        for row in findings.frontier
    ]
    return Sheet(
        title="Outcomes: mean over problems of the share of episodes",
        columns=("run", "samples", *names),
        rows=tuple(rows),
        notes=(
            "AC: accepted; WA wrong answer, RTE run-time error, CE compile error; TLE, MLE, OLE: time, "
            "memory, output limit exceeded; an episode with WA or RTE on a test counts as the first of them",
        ),
    )


def frontier_sheet(findings: Findings) -> Sheet:
    """Return the table of the frontier."""
    rows = [
        (
            row.point.name,
            "–" if row.point.alpha is None else f"{row.point.alpha:g}",
            *(str(row.rates[name]) for name in _CLASSES),
            str(row.rates["AC"]),
        )
        for row in findings.frontier
    ]
    notes = [
        "correctness: WA, RTE, CE; optimization: TLE, MLE, OLE; broken: RTE, CE, no code",
        BOOTSTRAP,
        f"regions of the figure: {REGION_METHOD}, 95 % for both rates together",
        "alpha: 0 is the checkpoint of low coverage, 1 that of high coverage; beyond, extrapolated",
    ]
    return Sheet(
        title=f"Frontier on {len(findings.shared)} problems",
        columns=("run", "alpha", *_CLASSES, "solved"),
        rows=tuple(rows),
        names=1,
        notes=tuple(notes),
    )


def area_sheet(findings: Findings) -> Sheet:
    """Return the table of dominated areas."""
    return Sheet(
        title="Area that the frontier dominates (hypervolume)",
        columns=("checkpoints", "area [95 %]"),
        rows=tuple((name, str(interval)) for name, interval in findings.areas.items()),
        notes=(
            "share of the square of both failure rates that is worse than some checkpoint in both; reference "
            "point (1, 1); the area of noisy rates is slightly too large",
            BOOTSTRAP,
        ),
    )


def gate_sheet(findings: Findings) -> Sheet:
    """Return the table of the gate's decisions."""
    rows = [
        (
            f"{each.alpha:g}",
            str(each.verdict),
            each.watched,
            *map(_signed, (each.trend, each.watched_change, each.broken_change, each.solved_change)),
        )
        for each in findings.gates
    ]
    return Sheet(
        title="Gate: checkpoints beyond the trained ends",
        columns=(
            "alpha",
            "verdict",
            "watched",
            "trend",
            "watched, beyond",
            "broken, beyond",
            "solved, beyond",
        ),
        rows=tuple(rows),
        names=3,
        notes=(
            "extension: the watched failures fell to the nearer end and keep falling, and broken programs "
            "(RTE, CE, no code) do not increase; damage: they do",
            "beyond: change from the nearer trained end; " + BOOTSTRAP,
        ),
    )


def overlap_sheet(findings: Findings) -> Sheet:
    """Return the table of overlaps of pairs of runs."""
    rows = [
        (
            each.first,
            each.second,
            _signed(each.jaccard),
            _signed(each.kappa),
            f"{each.only_first:.1f} ({each.null_first:.1f})",
            f"{each.only_second:.1f} ({each.null_second:.1f})",
            _signed(each.gain),
        )
        for each in findings.overlaps
    ]
    budget = findings.overlaps[0].budget if findings.overlaps else 0
    return Sheet(
        title="Complementarity of pairs",
        columns=(
            "first",
            "second",
            "Jaccard, null − pair",
            "kappa, null − pair",
            "only first (null)",
            "only second (null)",
            f"gain of a pair, pass@{budget}",
        ),
        rows=tuple(rows),
        names=2,
        notes=(
            "null: two halves of the samples of one run also solve different problems, by chance; a "
            "difference above 0 says that the two runs solve different problems beyond that",
            "only: expected number of problems that half of the samples of one run solve and half of those "
            "of the other do not; in brackets the same for two halves of the run",
            "gain: an equal split between both against the better one alone, which is chosen on the same "
            "problems, so the gain is slightly too low; t interval, cluster-robust",
            BOOTSTRAP,
        ),
    )


def union_sheet(findings: Findings) -> Sheet:
    """Return the table of what all runs solve together."""
    rows = [
        (
            str(each.each),
            str(each.each * len(findings.runs)),
            str(each.solved),
            str(each.single),
            each.best,
        )
        for each in findings.unions
    ]
    return Sheet(
        title="Union: problems that any run solves",
        columns=("samples each", "in total", "union [95 %]", "best run [95 %]", "best run"),
        rows=tuple(rows),
        notes=(
            "the union has more samples than the best run; ensembles with equally many are compared below",
            "expected share of problems over all choices of samples; Wilson interval, cluster-robust",
        ),
    )


def ensemble_sheet(findings: Findings) -> Sheet:
    """Return the table of ensembles."""
    rows = [
        (
            each.name + (" (control)" if each.control else ""),
            str(each.found.budget),
            str(each.found.ensemble),
            str(each.found.single),
            _signed(each.found.gain),
            _p(each.found.test.p),
            _p(each.p_holm),
            "–" if each.token_ratio is None else f"{each.token_ratio:.2f}",
            each.members[each.found.best],
            _shares(each.members, each.found.split.shares),
        )
        for each in findings.ensembles
    ]
    exact = all(each.found.split.exact for each in findings.ensembles)
    return Sheet(
        title="Ensembles at a matched number of samples",
        columns=(
            "members",
            "samples k",
            "ensemble pass@k",
            "best single pass@k",
            "gain",
            "p",
            "Holm",
            "tokens",
            "best single",
            "best split",
        ),
        rows=tuple(rows),
        notes=(
            "the split and the best single run are chosen on a random half of the clusters of problems "
            f"(validation) and compared on the other half, {_tested(findings)} problems (test)",
            f"gain: paired, t interval, cluster-robust; p: sign flips of clusters; Holm: corrected for "
            f"{len(findings.ensembles)} ensembles, level {LEVEL:.0%}",
            "control: members are one model with other temperatures or seeds; they should gain nothing that "
            "a single run does not",
            "tokens: completion tokens of the ensemble over those of the single run",
            "splits: all were tried"
            if exact
            else "splits: all were tried where there are at most 3,000; otherwise the greedy split, improved "
            "by exchanges between two members",
        ),
    )


def left_out_sheets(findings: Findings) -> list[Sheet]:
    """Return the tables of invalid and truncated episodes."""
    counts = findings.counts
    kinds = sorted({kind for each in counts.kinds for kind in each})
    rows = []
    for run, label in enumerate(counts.labels):
        valid = counts.samples[run].sum() + (
            counts.truncated[run].sum() if findings.choices.truncated == "drop" else 0
        )
        cut = int(counts.truncated[run].sum())
        rows.append(
            (
                label,
                str(int(valid)),
                *(str(counts.kinds[run].get(kind, 0)) for kind in kinds),
                str(cut),
                _share(cut / valid) if valid else "–",
            )
        )
    treated = "count as not solved" if findings.choices.truncated == "count" else "are left out of all rates"
    first = Sheet(
        title="Episodes that say nothing about a run",
        columns=("run", "valid", *(f"invalid: {kind}" for kind in kinds), "truncated", "share truncated"),
        rows=tuple(rows),
        notes=(
            "invalid: infrastructure or a model failed; such episodes are in no rate",
            f"truncated: not solved, and the token limit cut the last reply; these {treated}",
        ),
    )
    problems = [
        (
            findings.counts.problems[place].id,
            label,
            str(int(counts.invalid[run, place])),
            str(int(counts.samples[run, place])),
        )
        for run, label in enumerate(counts.labels)
        for place in counts.invalid[run].nonzero()[0]
    ]
    second = Sheet(
        title="Pairs of a problem and a run with invalid episodes",
        columns=("problem", "run", "invalid", "that count"),
        rows=tuple(problems),
        names=2,
    )
    return [first, second] if problems else [first]


def problem_sheet(findings: Findings) -> Sheet:
    """Return the table of problems, with the solve rate of each run."""
    counts = findings.counts
    known = [
        name for name in ("difficulty", "month", "tags") if any(_fact(each, name) for each in counts.problems)
    ]
    samples, solved = counts.samples, counts.solved
    rows = []
    for place, problem in enumerate(counts.problems):
        total = int(samples[:, place].sum())
        rates = [
            f"{solved[run, place] / samples[run, place]:.2f}" if samples[run, place] else "–"
            for run in range(len(counts.labels))
        ]
        mean = f"{solved[:, place].sum() / total:.2f}" if total else "–"
        rows.append((problem.id, *(_fact(problem, name) for name in known), str(total), mean, *rates))
    return Sheet(
        title="Problems and their solve rates",
        columns=("problem", *known, "samples", "all", *counts.labels),
        rows=tuple(rows),
        names=1 + len(known),
        notes=("all: solved samples of all runs over all samples; –: no sample that counts",),
    )


def _fact(problem: object, name: str) -> str:
    value = getattr(problem, name)
    return ", ".join(value) if isinstance(value, tuple) else value or ""


def _tested(findings: Findings) -> int:
    return findings.ensembles[0].found.problems if findings.ensembles else 0


def _shares(members: Sequence[str], shares: Sequence[int]) -> str:
    given = [f"{name} {share}" for name, share in zip(members, shares, strict=True) if share]
    return ", ".join(given)


def _share(value: float) -> str:
    return f"{value:.3f}"


def _signed(interval: Interval) -> str:
    estimate, low, high = (
        round(each, 3) + 0.0 for each in (interval.estimate, interval.low, interval.high)
    )  # adding 0 turns a rounded -0.0 into 0.0
    return f"{estimate:+.3f} [{low:+.3f}, {high:+.3f}]"


def _p(value: float) -> str:
    return "<.0001" if value < 1e-4 else f"{value:.4f}"
