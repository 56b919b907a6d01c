"""Write the report of an experiment: claims first, then tables, figures and notes on what they can show.

Equal results give equal bytes: a report contains no times and no paths.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from ..analysis.drawing import Drawing, FigurePaths, save
from ..analysis.figures import (
    frontier_figure,
    learning_figure,
    loss_figure,
    pass_figure,
    profile_figure,
    time_figure,
)
from .claims import JudgedClaim, judge_views
from .document import Block, Bullets, Heading, Paragraph, Picture, as_html, as_markdown
from .findings import SeedView, view_seed
from .results import HELDOUT, HIGH, LOW, LabResults, SeedResults
from .sections import (
    claims_blocks,
    gate_grid,
    merge_grid,
    mixed_grid,
    mode_grid,
    notes,
    outcome_grid,
    served_grid,
    settings_grid,
    smoke_blocks,
    solving_grid,
)

TITLE = "Correctness and efficiency under nested test coverage: an experiment at micro scale"
FIGURES = "figures"


@dataclass(frozen=True, kw_only=True)
class ReportPaths:
    """The files of a report."""

    html: Path
    """The report as one page that contains all figures."""
    markdown: Path
    claims: Path
    """Claims, verdicts, effects and intervals as JSON."""
    figures: tuple[FigurePaths, ...] = field(repr=False)


class _Gallery:
    """Writes figures to a folder and keeps the list of their paths."""

    def __init__(self, out: Path) -> None:
        self._out = out
        self.paths: list[FigurePaths] = []

    def add(self, drawing: Drawing, name: str, caption: str) -> Picture:
        """Write a figure and return the block that shows it."""
        paths = save(drawing, self._out / FIGURES, name)
        self.paths.append(paths)
        return Picture(path=f"{FIGURES}/{paths.png.name}", svg=paths.svg.read_bytes(), caption=caption)


def write_report(out: Path, results: LabResults) -> ReportPaths:
    """Write report.md, report.html, claims.json and the figures with their numbers to a folder.

    Raises:
        BenchError: matplotlib is not installed.
        ValueError: The checkpoints share fewer than 2 evaluated problems, or an episode was not judged on all
            tests.
        OSError: The folder cannot be written.
    """
    views = {
        split: [view_seed(each, split, truncated=results.truncated) for each in results.seeds]
        for split in results.splits
    }
    claims = judge_views(views[HELDOUT])
    out.mkdir(parents=True, exist_ok=True)
    gallery = _Gallery(out)
    blocks = list(_blocks(results, views, claims, gallery))
    paths = ReportPaths(
        html=out / "report.html",
        markdown=out / "report.md",
        claims=out / "claims.json",
        figures=tuple(gallery.paths),
    )
    paths.markdown.write_text(as_markdown(blocks), encoding="utf-8")
    paths.html.write_text(as_html(blocks, TITLE), encoding="utf-8")
    paths.claims.write_text(json.dumps(_claims_data(claims), indent=2) + "\n", encoding="utf-8")
    return paths


def _blocks(
    results: LabResults, views: dict[str, list[SeedView]], claims: Sequence[JudgedClaim], gallery: _Gallery
) -> Iterator[Block]:
    yield Heading(level=1, text=TITLE)
    yield Paragraph(
        text="A model is first trained on programs. Copies of it are then trained by reinforcement, one "
        "rewarded under low test coverage, one under full test coverage and, if the settings say so, one "
        "under middle coverage. The checkpoints of low and full coverage are merged as (1 - alpha) low + "
        "alpha high, and every merge is evaluated on all tests. "
        "This report tests which claims of the paper (arXiv 2605.28751) hold for these checkpoints."
    )
    if results.controls:
        yield from smoke_blocks(results.controls)
    yield Heading(level=2, text="Claims")
    yield from claims_blocks(claims)
    yield Heading(level=2, text="Settings")
    yield settings_grid(results.settings)
    for split in results.splits:
        yield from _split_blocks(split, views[split], gallery)
    modes = mode_grid(views[HELDOUT])
    if modes.rows:
        yield Heading(level=2, text="Three modes")
        yield Paragraph(
            text="A start that acts in all three modes was trained further in a mixture of them, under low "
            "and under full coverage. The merges were played on held-out problems in each mode, and judged "
            "on all tests."
        )
        yield modes
    yield Heading(level=2, text="Learning")
    yield from _learning_blocks(results, gallery)
    yield Heading(level=2, text="Merges")
    merges = merge_grid(results.seeds)
    yield merges if merges.rows else Paragraph(text="There are no merge reports.")
    yield Heading(level=2, text="Served over HTTP")
    yield from _served_blocks(results)
    yield Heading(level=2, text="Notes")
    yield Bullets(items=notes(results, views))


def _split_blocks(split: str, views: Sequence[SeedView], gallery: _Gallery) -> Iterator[Block]:
    role = (
        "The claims are tested on this split."
        if split == HELDOUT
        else "This split is for comparison; no claim is tested on it."
    )
    yield Heading(level=2, text=f"Evaluation on {split}")
    first = views[0].full
    yield Paragraph(
        text=f"{len(first.problems)} problems with at least {first.budget} episodes each that count. {role} "
        "All figures are means over problems with 95 % intervals from a bootstrap over problems."
    )
    for view in views:
        where, stem = f"{split}, seed {view.seed}", f"{split}-seed-{view.seed}"
        full, mixed = view.full.table(), view.mixed.table()
        yield Heading(level=3, text=f"Seed {view.seed}")
        yield gallery.add(frontier_figure(full, where), f"frontier-{stem}", f"Frontier, {where}")
        yield outcome_grid(full)
        yield solving_grid(full)
        yield gallery.add(profile_figure(full, where), f"profile-{stem}", f"Outcomes by alpha, {where}")
        yield Paragraph(text="Mixed limits: every second problem accepts a correct but slow program.")
        yield mixed_grid(mixed)
        title = f"{where}, mixed limits"
        yield gallery.add(
            profile_figure(mixed, title), f"profile-mixed-{stem}", f"Outcomes by alpha, {title}"
        )
        ensembles = _ensembles(view)
        yield gallery.add(pass_figure(view.full, ensembles, where), f"pass-{stem}", f"pass@k, {where}")
        yield gallery.add(pass_figure(view.mixed, ensembles, title), f"pass-mixed-{stem}", f"pass@k, {title}")
        yield from _gate_blocks(view)


def _gate_blocks(view: SeedView) -> Iterator[Block]:
    if any(not LOW <= alpha <= HIGH for alpha in view.full.alphas):
        yield Paragraph(
            text="Extrapolated checkpoints, compared with the nearer trained checkpoint. A checkpoint whose "
            "failures continue the trend does not extend the frontier if broken programs (RTE, CE, no code) "
            "increase."
        )
        yield gate_grid(view)


def _served_blocks(results: LabResults) -> Iterator[Block]:
    served = served_grid(results.seeds)
    if not served.rows:
        yield Paragraph(text="No episodes were played over HTTP.")
        return
    yield Paragraph(
        text="Checkpoints were served by name on loopback, in OpenAI's protocol, and played by litellm "
        "agents with the seeds of the evaluation. The table counts the episodes that gave the same program, "
        "and the same verdict, as in the evaluation."
    )
    yield served


def _learning_blocks(results: LabResults, gallery: _Gallery) -> Iterator[Block]:
    if results.sft:
        drawing = loss_figure(results.sft, "supervised start")
        yield gallery.add(drawing, "loss", "Loss of the supervised start")
    for each in results.seeds:
        if each.curves:
            title = f"seed {each.seed}"
            yield gallery.add(
                learning_figure(each.curves, title),
                f"learning-seed-{each.seed}",
                f"Learning curves, {title}; the verdicts of each run are those under its own coverage",
            )
    if not results.sft and not _with_curves(results):
        yield Paragraph(text="There are no learning curves.")
    for each in _with_curves(results):
        title = f"time per step, seed {each.seed}"
        yield gallery.add(
            time_figure(each.curves, title),
            f"time-seed-{each.seed}",
            f"Measured {title}; differs from run to run",
        )


def _with_curves(results: LabResults) -> list[SeedResults]:
    return [each for each in results.seeds if each.curves]


def _ensembles(view: SeedView) -> list[tuple[float, ...]]:
    """Return the ensembles to draw: both ends, all alphas in [0, 1], and all checkpoints.

    Equal ensembles are listed once; ensembles with more members than the budget are left out.
    """
    inside = tuple(alpha for alpha in view.full.alphas if LOW <= alpha <= HIGH)
    candidates = dict.fromkeys([(LOW, HIGH), inside, view.full.alphas])
    return [alphas for alphas in candidates if len(alphas) <= view.full.budget]


def _claims_data(claims: Sequence[JudgedClaim]) -> list[dict[str, object]]:
    return [
        {
            "key": judged.claim.key,
            "statement": judged.claim.statement,
            "test": judged.claim.test,
            "verdict": judged.verdict,
            "seeds": [
                {
                    "seed": seed,
                    "verdict": finding.verdict,
                    "effects": {name: asdict(interval) for name, interval in finding.effects.items()},
                    "remark": finding.remark,
                }
                for seed, finding in judged.findings.items()
            ],
        }
        for judged in claims
    ]
