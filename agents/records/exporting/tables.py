"""Export of records to Parquet, which needs the extra `parquet`, or to JSON lines, compressed or not."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ....terminal import install_hint
from ..files import RecordSink
from ..lines import LineReader, RecordError, RecordLine
from ..record import EpisodeRecord, episodes_in
from ..summary import COLUMNS, storable, summary
from ..tokens import token_rows
from .final import final_records

PARQUET = ".parquet"
_ROW_GROUP = 500
_TYPES = {"text": "string", "integer": "int64", "real": "float64"}
_WHOLE = {"reward_valid": "bool_"}


def export_records(source: Path, to: Path, *, final: bool = False) -> int:
    """Write the records of a file in another format, and return their number.

    Args:
        source: File of records.
        to: File to create; must not exist. Its suffix decides the format: Parquet (`.parquet`), compressed
            JSON lines (`.jsonl.zst`), or plain JSON lines (`.jsonl`).
        final: Write one record per episode only: the last valid record, or the last if none is valid.

    Raises:
        ValueError: The suffix is none of these.
        RecordError: `source` cannot be read, a line is no record, `to` exists, or a package is missing.
        OSError: `to` cannot be written.
    """
    kept = {each.line for each in final_records(source).values()} if final else None
    lines = (
        (line, episode)
        for line, episode in episodes_in(LineReader(source))
        if kept is None or line.number in kept
    )
    if to.suffix == PARQUET:
        return _write_parquet(lines, to)
    if not to.name.endswith((".jsonl", ".jsonl.zst")):
        raise ValueError(f"the file to write must end with .parquet, .jsonl or .jsonl.zst, got {to.name!r}")
    count = 0
    with RecordSink(to) as sink:
        for line, _ in lines:
            sink.write(line.data)
            count += 1
    return count


def row_of(episode: EpisodeRecord) -> dict[str, Any]:
    """Return an episode as a table row: its summary, and lists of its runs and tokens."""
    runs = episode.judgement.runs if episode.judgement else ()
    rows = token_rows(episode)
    return {
        **{name: storable(value) for name, value in summary(episode).items()},
        "submission": storable(episode.submission),
        "run_index": [run.index for run in runs],
        "run_input_bytes": [run.input_size for run in runs],
        "run_verdict": [run.verdict.value for run in runs],
        "run_cpu_time_s": [run.cpu_time_s for run in runs],
        "run_memory_mib": [run.memory_mib for run in runs],
        "token_ids": [list(row.ids) for row in rows],
        "loss_mask": [list(row.loss_mask) for row in rows],
        "log_probs": [None if row.log_probs is None else list(row.log_probs) for row in rows],
    }


def _write_parquet(lines: Iterator[tuple[RecordLine, EpisodeRecord]], to: Path) -> int:
    try:
        import pyarrow  # only for Parquet
        import pyarrow.parquet
    except ImportError as error:
        raise RecordError(f"writing Parquet needs pyarrow: {install_hint('parquet')}") from error
    if to.exists():
        raise RecordError(f"{to}: exists already; name another file")
    schema = _schema(pyarrow)
    # Written under another name and then renamed, so that `to` is never incomplete.
    scratch = to.with_name(f".{to.name}.{os.getpid()}.part")
    count = 0
    try:
        with pyarrow.parquet.ParquetWriter(scratch, schema, compression="zstd") as writer:
            rows: list[dict[str, Any]] = []
            for line, episode in lines:
                rows.append({**row_of(episode), "record": line.data.decode()})
                count += 1
                if len(rows) == _ROW_GROUP:
                    writer.write_table(pyarrow.Table.from_pylist(rows, schema=schema))
                    rows.clear()
            writer.write_table(pyarrow.Table.from_pylist(rows, schema=schema))
        os.replace(scratch, to)
    except ValueError as error:  # pyarrow's own errors are subclasses of ValueError
        raise RecordError(f"{to}: cannot be written: {error}") from error
    finally:
        scratch.unlink(missing_ok=True)
    return count


def _schema(pyarrow: Any) -> Any:
    """Return the types of the columns, which cannot be inferred from empty columns."""
    columns = [(name, getattr(pyarrow, _WHOLE.get(name, _TYPES[kind]))()) for name, kind in COLUMNS.items()]
    columns += [
        ("submission", pyarrow.string()),
        ("run_index", pyarrow.list_(pyarrow.int64())),
        ("run_input_bytes", pyarrow.list_(pyarrow.int64())),
        ("run_verdict", pyarrow.list_(pyarrow.string())),
        ("run_cpu_time_s", pyarrow.list_(pyarrow.float64())),
        ("run_memory_mib", pyarrow.list_(pyarrow.float64())),
        ("token_ids", pyarrow.list_(pyarrow.list_(pyarrow.int64()))),
        ("loss_mask", pyarrow.list_(pyarrow.list_(pyarrow.bool_()))),
        ("log_probs", pyarrow.list_(pyarrow.list_(pyarrow.float64()))),
        ("record", pyarrow.string()),
    ]
    return pyarrow.schema(columns)
