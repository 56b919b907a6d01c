"""Folders that are complete or not there at all."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def unfinished_folder(target: Path) -> Iterator[Path]:
    """Yield a folder that becomes `target` when the context ends without an error, and is removed otherwise.

    Raises:
        OSError: The folder cannot be made, or `target` is there and not an empty folder.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = Path(tempfile.mkdtemp(prefix=".partial-", dir=target.parent))
    try:
        unfinished.chmod(0o755)  # mkdtemp makes it private, but other users may read what is exported
        yield unfinished
        os.rename(unfinished, target)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
