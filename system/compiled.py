"""Compiled parts of this package, which are built from C once per host if there is a C compiler."""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

_COMPILERS = ("gcc", "cc", "clang")
_COMPILE_S = 60.0


def built_folder(
    cache_folder: Path, sources: Path, builds: Mapping[str, Sequence[str]], *, variant: str = ""
) -> Path:
    """Return the folder with compiled parts, after building them at the first call for these sources.

    Args:
        cache_folder: Folder for the compiled parts of all sources. The subfolder that is made belongs to this
            user alone.
        sources: Folder of the `.c` and `.h` files, in which the compiler runs.
        builds: Arguments of the compiler by the name of the part.
        variant: Text that tells apart builds of the same sources, such as the features of the CPU.

    Raises:
        OSError: There is no compiler, or other users may write to the folder.
        subprocess.SubprocessError: The compiler failed.
    """
    digest = hashlib.sha256(os.uname().machine.encode() + variant.encode())
    for source in sorted(sources.glob("*.[ch]")):
        digest.update(source.name.encode() + b"\0" + source.read_bytes() + b"\0")
    folder = cache_folder / "native" / digest.hexdigest()[:16]
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    # The parts run with the privileges of this process.
    for path in (folder, *filter(Path.exists, map(folder.joinpath, builds))):
        found = path.stat()
        if found.st_uid != os.geteuid() or found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            raise PermissionError(f"{path} belongs to another user, or others may write to it")
    if not all((folder / name).exists() for name in builds):
        _build(folder, sources, builds)
    return folder


def _build(folder: Path, sources: Path, builds: Mapping[str, Sequence[str]]) -> None:
    compiler = next(filter(None, map(shutil.which, _COMPILERS)), None)
    if compiler is None:
        raise FileNotFoundError(f"none of {', '.join(_COMPILERS)} is on PATH")
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        for name, arguments in builds.items():
            built = Path(scratch) / name
            command = [compiler, "-O2", "-o", str(built), *arguments]
            subprocess.run(command, cwd=sources, check=True, capture_output=True, timeout=_COMPILE_S)
            built.chmod(0o700)
            built.replace(folder / name)  # atomic: other processes may build or use the same file
