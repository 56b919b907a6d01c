"""The commands `codefrontier rows export|validate`."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from tyro.conf import Positional

from ...agents.records.files import find_records
from ...agents.records.lines import RecordError
from ...terminal import fail, install_hint, print_json
from .check import RowInspection, Vocabulary, inspect_rows
from .export import Baseline, export_rows

DONE, FAULTY = 0, 1


@dataclass(frozen=True, kw_only=True)
class ExportRowsCommand:
    """Write the episodes of a run as training rows: tokens, and what to learn from them, as JSON lines.

    Only episodes with tokens and exact log-probs become rows; other episodes are counted.
    """

    run_path: Positional[Path]
    """Folder of a run, or a file of records."""
    to: Path
    """File to create; compressed if its name ends with `.zst`."""
    baseline: Baseline = "mean"
    """Baseline of the advantages: the mean reward of the group, or `none` for advantages of 0."""
    json: bool = False
    """Output as one JSON object instead of a line."""

    def run(self) -> int:
        """Export, print, and return the exit status."""
        try:
            found = export_rows(find_records(self.run_path), self.to, baseline=self.baseline)
        except (RecordError, ValueError, OSError) as error:
            return fail(error, self)
        if self.json:
            print_json(asdict(found))
            return DONE
        _plain().print(
            f"{found.rows} rows of {found.episodes} episodes in {found.groups} groups are in {self.to}; left "
            f"out: {found.invalid} episodes without a valid record, {found.without_tokens} without exact "
            "log-probs"
        )
        return DONE


@dataclass(frozen=True, kw_only=True)
class ValidateRowsCommand:
    """Check training rows: lengths, masks, log-probs, weights, turns, groups, and with a tokenizer the texts.

    Each fault is printed as `file:line: field: what is wrong`. Exit status 0: no faults; 1: faults were
    found; 2: a file or the tokenizer cannot be read.
    """

    files: Positional[tuple[Path, ...]]
    """Files of rows."""
    tokenizer: Path | None = None
    """Folder with the tokenizer of the rows; without it ids have no upper bound and texts are not checked."""
    echo: bool = False
    """Allow cross-entropy to learn from tokens that were not sampled."""
    max_faults: int = 100
    """Maximum number of faults to print for a file."""
    json: bool = False
    """Output as one JSON object instead of lines."""

    def run(self) -> int:
        """Check, print, and return the exit status."""
        try:
            if self.max_faults < 1:
                raise ValueError(f"max_faults must be at least 1, got {self.max_faults!r}")
            if not self.files:
                raise ValueError("give at least one file of rows")
            vocabulary = None if self.tokenizer is None else _vocabulary(self.tokenizer)
            found = [self._check(path, vocabulary) for path in self.files]
        except (RecordError, ValueError, OSError) as error:
            return fail(error, self)
        except ImportError as error:
            return fail(f"--tokenizer needs transformers ({error}): {install_hint('train')}")
        if self.json:
            print_json({"files": found})
        return FAULTY if any(each["faults"] for each in found) else DONE

    def _check(self, path: Path, vocabulary: Vocabulary | None) -> dict[str, Any]:
        """Return the faults of a file, and print them unless the output is JSON."""
        console, seen = _plain(quiet=self.json), RowInspection()
        faults: list[dict[str, Any]] = []
        stopped = False
        for fault in inspect_rows(path, seen, vocabulary=vocabulary, echo=self.echo):
            faults.append({"line": fault.line, "field": fault.field, "message": fault.message})
            console.print(": ".join(filter(None, (f"{path}:{fault.line}", fault.field, fault.message))))
            if stopped := len(faults) == self.max_faults:
                console.print(f"{path}: stopped after {len(faults)} faults")
                break
        counts = {
            "rows": seen.rows,
            "episodes": sum(map(len, seen.groups.values())),
            "groups": len(seen.groups),
            "tokens": seen.tokens,
            "sampled": seen.sampled,
            "learned": seen.learned,
        }
        if not stopped:
            if seen.torn_line is not None:
                console.print(f"{path}:{seen.torn_line}: was cut off by a crash and is not checked")
            said = ", ".join(f"{count} {name}" for name, count in counts.items())
            console.print(f"{path}: {said}, {len(faults)} faults")
        return {"path": path, **counts, "torn_line": seen.torn_line, "stopped": stopped, "faults": faults}


def _vocabulary(path: Path) -> Vocabulary:
    from .decoding import load_vocabulary  # transformers takes seconds to import

    return load_vocabulary(path)


def _plain(*, quiet: bool = False) -> Console:
    return Console(markup=False, highlight=False, soft_wrap=True, quiet=quiet)
