"""Cache of generated tests on disk, which all processes of a user share.

An entry is a folder that appears complete or not at all: it is written under another name and renamed. An
entry is valid if every file has the size that the entry's index says; any other entry is deleted and
generated again.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

from ...system.cache_folder import cache_folder
from ..errors import ProblemError
from ..packages.icpc_config import read_bytes
from ..packages.icpc_data import read_cases
from ..testset import FileData, TestCase
from .generation import GENERATOR, REFERENCE, Generated, generate_tests

INDEX = "index.json"
ATTEMPTS = 3
"""Attempts to put an entry in place, while other processes may write or delete the same entry."""
IN_THE_WAY = (errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR)
"""Errors of a rename whose target exists."""


def load_generated(folder: Path, generated: Generated, cache: Path | None) -> list[TestCase]:
    """Load the secret tests of an embedded problem, and generate them into the cache if need be.

    Args:
        folder: Folder of the problem.
        generated: Description of the tests in `problem.yaml`.
        cache: Folder of the cache; None is the user's cache folder. Where it cannot be written, a folder of
            the user below the system's temporary folder is used.

    Raises:
        ProblemError: The tests are not those that `problem.yaml` describes, or no folder can be written.
    """
    handmade = read_cases(folder / "data" / "secret", prefix="secret")
    entry = Path("classics", folder.name, _key(folder, generated, handmade))
    failures = []
    for home in cache_homes(cache):
        try:
            cases = _read(home / entry, first=len(handmade))
            if cases is None:
                cases = _make(home / entry, folder, generated, first=len(handmade))
            return handmade + cases
        except OSError as error:
            failures.append(f"{home} ({error.strerror or error})")
    raise ProblemError(
        f"{folder}: nowhere to write its generated tests: {', '.join(failures) or 'no home folder'}; "
        "set XDG_CACHE_HOME to a folder that can be written"
    )


def cache_homes(cache: Path | None) -> Iterator[Path]:
    """Yield the folders that may hold the cache, the best first; None is the user's cache folder."""
    first = cache or cache_folder()
    if first is not None:
        yield first
    private = Path(tempfile.gettempdir()) / f"codefrontier-{os.getuid()}"
    try:
        private.mkdir(mode=0o700, exist_ok=True)
        found = private.lstat()
    except OSError:
        return
    # Anybody may write to the temporary folder: use the folder only if nobody else can have prepared it.
    if stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and not found.st_mode & 0o022:
        yield private


def _key(folder: Path, generated: Generated, handmade: list[TestCase]) -> str:
    """Return the name of an entry: a digest of everything that the tests depend on."""
    digest = hashlib.sha256()
    parts = [generated.digest.encode(), str(generated.cases).encode()]
    parts += [read_bytes(folder / GENERATOR), read_bytes(folder / REFERENCE)]
    parts += [part for case in handmade for part in (case.name.encode(), case.input(), case.answer())]
    for part in parts:
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.hexdigest()


def _read(entry: Path, *, first: int) -> list[TestCase] | None:
    """Read an entry; None if it is missing or damaged."""
    try:
        rows = json.loads((entry / INDEX).read_bytes())["cases"]
        cases = []
        for index, (name, input_size, answer_size) in enumerate(rows):
            data = FileData(input_path=entry / f"{name}.in", answer_path=entry / f"{name}.ans")
            sizes = (data.input_path.stat().st_size, data.answer_path.stat().st_size)
            if sizes != (input_size, answer_size):
                return None
            case = TestCase(name=f"secret/{name}", index=first + index, input_size=input_size, data=data)
            cases.append(case)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return cases or None


def _make(entry: Path, folder: Path, generated: Generated, *, first: int) -> list[TestCase]:
    entry.parent.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(prefix=".partial-", dir=entry.parent))
    try:
        tests = generate_tests(folder)
        generated.check(folder, tests, len(tests) - first)
        _write(partial, tests.cases[first:])
        cases = _publish(partial, entry, first=first)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return cases


def _write(partial: Path, cases: tuple[TestCase, ...]) -> None:
    rows = []
    for case in cases:
        name = case.name.removeprefix("secret/")
        (partial / f"{name}.in").write_bytes(case.input())
        (partial / f"{name}.ans").write_bytes(case.answer())
        rows.append((name, case.input_size, len(case.answer())))
    (partial / INDEX).write_text(json.dumps({"cases": rows}))


def _publish(partial: Path, entry: Path, *, first: int) -> list[TestCase]:
    """Give a written entry its name.

    If another process has written the entry, its valid entry is used, and its damaged entry is replaced.
    """
    for _ in range(ATTEMPTS):
        try:
            os.rename(partial, entry)
        except OSError as error:
            if error.errno not in IN_THE_WAY:
                raise
        cases = _read(entry, first=first)
        if cases is not None:
            return cases
        _discard(entry)
    raise ProblemError(f"{entry}: generated tests are damaged again and again while they are written")


def _discard(entry: Path) -> None:
    """Move a damaged entry out of the way, then delete it."""
    if not entry.is_dir():
        entry.unlink(missing_ok=True)
        return
    discarded = Path(tempfile.mkdtemp(prefix=".damaged-", dir=entry.parent))
    try:
        os.rename(entry, discarded)
    except FileNotFoundError:
        pass  # another process was faster
    finally:
        shutil.rmtree(discarded, ignore_errors=True)
