"""RELEX on the checkpoints of a run: ours, and the scripts of the authors from a fetched copy."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from codefrontier.merging.checkpoints.formats import BFLOAT16

from .checkpoints import Shape, write_line
from .processes import Cost, ProgramError, run, warm
from .programs import RELEX

TARGETS = ("60", "200")


@dataclass(frozen=True, kw_only=True)
class RelexCosts:
    """What RELEX cost."""

    weights: int
    checkpoints: int
    ours: Cost
    ours_scratch: int
    """Bytes on the disk beside the results."""
    authors: Cost | None
    authors_scratch: int
    missing: str = ""
    """Why there is no cost of the authors' scripts, if there is none."""


def measure_relex(
    root: Path, shape: Shape, count: int, *, python: str, authors: Path | None, authors_python: str
) -> RelexCosts:
    """Fit `count` checkpoints and predict two targets, with both programs on one thread.

    Args:
        root: Empty folder on the disk.
        shape: Shape of the model.
        count: Number of checkpoints.
        python: Interpreter with this package.
        authors: Copy of the authors' repository; None leaves their scripts out.
        authors_python: Interpreter with torch, transformers and scipy.
    """
    folders = [root / "base", *(root / "checkpoints" / f"global_step_{step}" for step in range(1, count + 1))]
    weights = write_line(folders, shape, BFLOAT16)
    warm(folders)
    out = root / "ours"
    before = _size(root)
    ours = run([python, "-c", RELEX, str(root), str(out), str(count), *TARGETS], environment=_ONE_THREAD)
    scratch = _size(root) - before - _size(out)
    shutil.rmtree(out)
    theirs, theirs_scratch = None, 0
    missing = "no copy of the authors' scripts was given: --relex-authors DIR"
    if authors is not None:
        warm(folders)
        try:
            theirs, theirs_scratch = _authors(root, count, authors.resolve(), authors_python)
            missing = ""
        except ProgramError as error:
            missing = f"the authors' scripts failed: {error}"
    return RelexCosts(
        weights=weights,
        checkpoints=count,
        ours=ours,
        ours_scratch=scratch,
        authors=theirs,
        authors_scratch=theirs_scratch,
        missing=missing,
    )


_ONE_THREAD = {"OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"}


def _authors(root: Path, count: int, authors: Path, python: str) -> tuple[Cost, int]:
    deltas, cache, out = root / "deltas", root / "svd", root / "theirs"
    first = run(
        [
            *(python, str(authors / "scripts" / "precompute_deltas.py"), "--base_model", str(root / "base")),
            *(
                "--checkpoint_dir",
                str(root / "checkpoints"),
                "--output_dir",
                str(deltas),
                "--num_workers",
                "1",
            ),
        ],
        environment=_ONE_THREAD,
    )
    second = run(
        [
            *(python, str(authors / "scripts" / "svd_extrapolation.py"), "--base_model", str(root / "base")),
            *("--delta_dir", str(deltas), "--history_steps", str(count), "--rank", "1"),
            *("--fit_method", "linear", "--mode", "extrapolate", "--target_steps", ",".join(TARGETS)),
            *("--output_dir", str(out), "--svd_cache_dir", str(cache), "--num_workers", "1"),
        ],
        environment=_ONE_THREAD,
    )
    scratch = _size(deltas) + _size(cache)
    for folder in (deltas, cache, out):
        shutil.rmtree(folder)
    return first.then(second), scratch


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
