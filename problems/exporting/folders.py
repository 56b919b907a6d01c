"""Folders of exported problems, which are complete or not there at all."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from ..errors import ProblemError


@contextmanager
def new_folder(target: Path) -> Iterator[Path]:
    """Yield a folder that gets its name only when the context ends without an error.

    Raises:
        ProblemError: The target exists.
        OSError: The folder cannot be written.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.exists():
        raise ProblemError(f"{target}: there already; remove it first")
    unfinished = Path(tempfile.mkdtemp(prefix=".partial-", dir=target.parent))
    try:
        unfinished.chmod(0o755)  # mkdtemp makes it private, but other users may read problems
        yield unfinished
        os.rename(unfinished, target)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def write_file(folder: Path, name: str, data: bytes) -> None:
    """Write a file of a problem, with the folders it is in.

    Raises:
        ProblemError: The name leads out of the folder.
        OSError: The file cannot be written.
    """
    # Names of programs come from foreign packages and rows.
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts:
        raise ProblemError(f"a file of the problem is named {name!r}: it would lie outside of its folder")
    (folder / path.parent).mkdir(parents=True, exist_ok=True)
    (folder / path).write_bytes(data)
