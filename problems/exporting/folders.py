"""Folders of exported problems, which are complete or not there at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from ...system import unfinished_folder
from ..errors import ProblemError


@contextmanager
def new_folder(target: Path) -> Iterator[Path]:
    """Yield a folder that gets its name only when the context ends without an error.

    Raises:
        ProblemError: The target exists.
        OSError: The folder cannot be written.
    """
    if target.exists():
        raise ProblemError(f"{target}: there already; remove it first")
    with unfinished_folder(target) as folder:
        yield folder


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
