"""Records as a data frame of pandas or Polars, which are in the extra `frames`."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal, get_args

from ...terminal import install_hint
from .exporting.tables import PARQUET, row_of
from .files import find_records
from .lines import LineReader, RecordError
from .record import episodes_in

Library = Literal["pandas", "polars"]
TEXTS = ("submission", "token_ids", "loss_mask", "log_probs", "record")
"""Columns that may be large; they are left out by default."""
MOST_ROWS = 1_000_000


def read_frame(
    run: Path | str, library: Library = "pandas", *, large: bool = False, most_rows: int = MOST_ROWS
) -> Any:
    """Read records as a data frame: one row per record, with the columns of `codefrontier records export`.

    Args:
        run: Folder of a run, file of records, or Parquet file exported from records.
        library: Library of the data frame.
        large: Whether to include the columns in `TEXTS`; the column `record` is in Parquet files only.
        most_rows: Maximum number of records, because the frame is held in memory as a whole.

    Raises:
        ValueError: The library is unknown, or `most_rows` is below 1.
        RecordError: The records cannot be read, there are more than `most_rows`, or the library is not
            installed.
    """
    if library not in get_args(Library):
        raise ValueError(f"library must be one of {get_args(Library)}, got {library!r}")
    if most_rows < 1:
        raise ValueError(f"most_rows must be at least 1, got {most_rows!r}")
    path = Path(run)
    frames = _import(library)
    if path.suffix == PARQUET:
        return _read_parquet(frames, path, large, most_rows)
    rows: list[dict[str, Any]] = []
    for _, episode in episodes_in(LineReader(find_records(path))):
        if len(rows) >= most_rows:
            raise _too_many(path, most_rows)
        row = row_of(episode)
        rows.append(row if large else {name: value for name, value in row.items() if name not in TEXTS})
    if library == "polars":
        # Polars infers types from the first rows only by default, and there a column may be empty.
        return frames.DataFrame(rows, infer_schema_length=None)
    return frames.DataFrame.from_records(rows)


def _read_parquet(frames: Any, path: Path, large: bool, most_rows: int) -> Any:
    try:
        import pyarrow.parquet
    except ImportError as error:
        raise RecordError(f"{path}: reading Parquet needs pyarrow: {install_hint('parquet')}") from error
    try:
        about = pyarrow.parquet.ParquetFile(path)
    except (OSError, ValueError) as error:
        raise RecordError(f"{path}: cannot be read: {error}") from error
    with about:
        if about.metadata.num_rows > most_rows:
            raise _too_many(path, most_rows)
        names = [name for name in about.schema_arrow.names if large or name not in TEXTS]
    return frames.read_parquet(path, columns=names)


def _import(library: Library) -> Any:
    try:
        if library == "polars":
            import polars

            return polars
        import pandas
    except ImportError as error:
        raise RecordError(f"{library} is not installed: {install_hint('frames')}") from error
    return pandas


def _too_many(path: Path, most_rows: int) -> RecordError:
    return RecordError(f"{path}: holds more than {most_rows} records: raise most_rows, or read a part")
