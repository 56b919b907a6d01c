"""Seeds: what a teacher starts from. Seeds from records are read in `agents/synthesis`."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from ..errors import ProblemError
from ..families.micro.programs import ProgramPlan, write_program
from ..families.micro.splits import Split, shuffled_specs

SNIPPET_LINES = (25, 50)
"""Fewest and most lines of a snippet from a folder."""
_SUFFIXES = (".py", ".pyi", ".c", ".h", ".cc", ".cpp", ".hpp", ".java", ".js", ".ts", ".go", ".rs", ".rb")
_LARGEST_FILE = 1 << 20


@dataclass(frozen=True, kw_only=True)
class Seed:
    """A piece of code that a lineage of problems starts from."""

    name: str
    """Name, unique among the seeds of a run: where the code is from."""
    code: str = field(repr=False)


def families_seeds(name: str) -> Iterator[Seed]:
    """Yield the reference programs of micro families, in the order of a seed.

    Args:
        name: `families`, `families:SPLIT`, `families:SPLIT:COUNT` or `families:SPLIT:COUNT:SEED`; by default
            100 specs of the split `train` in the order of seed 0.

    Raises:
        ValueError: The name has another form.
    """
    word, *rest = name.split(":")
    numbers = rest[1:]
    if word != "families" or len(rest) > 3 or not all(each.isdecimal() for each in numbers):
        raise ValueError(
            f"seeds of the families are named 'families:SPLIT:COUNT:SEED' or shorter, got {name!r}"
        )
    try:
        split = Split(rest[0]) if rest else Split.TRAIN
    except ValueError as error:
        raise ValueError(f"split must be one of {', '.join(Split)}, got {rest[0]!r}") from error
    count, order = (*map(int, numbers), *(100, 0)[len(numbers) :])
    for spec in islice(shuffled_specs(split, order), count):
        yield Seed(name=f"families/{spec.id}", code=f"# {spec.id}\n{write_program(spec, ProgramPlan.FAST)}\n")


def folder_seeds(folder: Path, *, seed: int = 0) -> Iterator[Seed]:
    """Yield one snippet of 25 to 50 consecutive lines of each source file below a folder.

    Files over 1 MiB, files that are no UTF-8 and hidden folders are left out. A shorter file is its own
    snippet, if it has any code.

    Args:
        folder: The folder.
        seed: Seed of the places in the files.

    Raises:
        ProblemError: There is no such folder, or it has no source file.
    """
    if not folder.is_dir():
        raise ProblemError(f"{folder}: is not a folder of source files")
    found = False
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        if path.suffix not in _SUFFIXES or not path.is_file() or path.stat().st_size > _LARGEST_FILE:
            continue
        if any(part.startswith(".") for part in inside.parts):
            continue
        try:
            lines = path.read_text().splitlines()
        except UnicodeDecodeError:
            continue
        if any(line.strip() for line in lines):
            found = True
            yield _snippet(inside.as_posix(), lines, random.Random(f"snippets {seed} {inside.as_posix()}"))
    if not found:
        raise ProblemError(f"{folder}: has no source files ({', '.join(_SUFFIXES)})")


def _snippet(name: str, lines: list[str], generator: random.Random) -> Seed:
    count = generator.randint(*SNIPPET_LINES)
    first = generator.randint(0, max(0, len(lines) - count))
    code = "\n".join(lines[first : first + count]) + "\n"
    return Seed(name=f"{name}:{first + 1}", code=code)
