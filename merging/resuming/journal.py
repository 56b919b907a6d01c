"""The journal of a merge in progress: a hidden file beside its hidden folders, with a line per point.

A *point* says how far the merge has come: which tensors are written, the digests of what was read and written
until then, and the statistics so far. A merge that was killed continues at its last point, after all digests
have been compared with the files. The journal is only appended to; a torn last line is ignored.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

from ..checkpoints.checkpoint import MERGE
from ..plan import MergePlan

EVERY_BYTES: Final = 256 << 20
"""Number of bytes of output after which a point is noted, at the end of a tensor."""


@dataclass(frozen=True, kw_only=True)
class Point:
    """A place in a merge, and everything that is needed to continue there."""

    shard: int
    """Number of shards of the anchor that are finished."""
    tensor: int
    """Number of tensors of the next shard that are written."""
    parents: tuple[dict[str, str], ...]
    """State of the digest of each weight file, for each parent."""
    outputs: tuple[dict[str, str], ...]
    """State of the digest of each weight file that was begun, for each merge."""
    census: dict[str, Any]
    """Statistics of the weights so far."""


@dataclass(frozen=True, kw_only=True)
class Journal:
    """The journal of a merge; its file is made when the first point is noted.

    Methods append to the file, and return a journal that knows what it says.
    """

    path: Path
    identity: str
    """Digest of everything that decides the result, except the content of the parents."""
    folders: tuple[Path, ...]
    """Hidden folder of each merge."""
    point: Point | None = None
    """Last point; None at the beginning."""
    placed: tuple[str, ...] = ()
    """SHA-256 of the merge.json of each merge, once the merges are complete and get their names."""

    def note(self, point: Point) -> None:
        """Append a point."""
        self._append({"point": asdict(point)})

    def note_complete(self) -> Journal:
        """Append that all merges are complete, and wait until this is on the disk."""
        placed = tuple(str(_digest(folder / MERGE)) for folder in self.folders)
        self._append({"placed": placed}, durable=True)
        return replace(self, placed=placed)

    def restarted(self) -> Journal:
        """Return the journal of the same merge at its beginning; the file is removed."""
        self.remove()
        return replace(self, point=None, placed=())

    def remove(self) -> None:
        """Remove the file. Without it nothing can continue, so it goes before any folder."""
        self.path.unlink(missing_ok=True)

    def is_placed(self, merge: int, target: Path) -> bool:
        """Return whether a complete merge has its name already."""
        return bool(self.placed) and _digest(target / MERGE) == self.placed[merge]

    def waits(self, merge: int) -> bool:
        """Return whether a complete merge is still in its hidden folder."""
        return bool(self.placed) and _digest(self.folders[merge] / MERGE) == self.placed[merge]

    def _append(self, content: Mapping[str, Any], *, durable: bool = False) -> None:
        lines = [json.dumps(content)]
        if not self.path.exists():
            names = [folder.name for folder in self.folders]
            lines.insert(0, json.dumps({"identity": self.identity, "folders": names}))
        with self.path.open("a") as file:
            file.write("\n".join(lines) + "\n")
            if durable:
                file.flush()
                os.fsync(file.fileno())


def identity_of(plan: MergePlan, targets: Sequence[Path], version: str) -> str:
    """Return a digest of everything that decides the bytes of merges, except the content of the parents.

    Args:
        plan: The merges.
        targets: Folders that the merges are written to.
        version: Version of the package.
    """
    described = hashlib.sha256()
    settings = {
        "version": version,
        "parents": [[str(parent.place), parent.converted] for parent in plan.parents],
        "files": [sorted(parent.file_names.values()) for parent in plan.parents],
        "copies": [parent.copies for parent in plan.parents],
        "targets": [target.name for target in targets],
        "rounding": plan.rounding,
        "seed": plan.seed,
        "pairs": plan.pairs,
        "chunk": plan.chunk,
        "fitted": plan.fitted,
    }
    described.update(json.dumps(settings, sort_keys=True).encode())
    for merge in range(len(plan.methods)):
        for shard in plan.parents[0].shards:
            described.update(plan.header(shard, merge))
    return described.hexdigest()


def read_journal(path: Path) -> Journal | None:
    """Return what a journal says; None if it says nothing, or refers to folders outside of its own."""
    lines = _lines(path)
    try:
        first = next(lines)
        folders = [str(name) for name in first["folders"]]
        if any(Path(name).name != name or not name.startswith(".") for name in folders):
            return None
        journal = Journal(
            path=path,
            identity=str(first["identity"]),
            folders=tuple(path.with_name(name) for name in folders),
        )
        for line in lines:
            if "point" in line:
                journal = replace(journal, point=_point(line["point"]))
            else:
                journal = replace(journal, placed=tuple(line["placed"]))
    except (StopIteration, KeyError, TypeError):
        return None
    return journal


def _point(content: Mapping[str, Any]) -> Point:
    lists = {name: tuple(content[name]) for name in ("parents", "outputs")}
    return Point(**{**content, **lists})


def journals(out: Path, name: str) -> list[Path]:
    """Return the journals in a folder of the merges whose first one has this name."""
    pattern = re.compile(rf"\.{re.escape(name)}\.journal-\d+")
    return sorted(path for path in out.iterdir() if pattern.fullmatch(path.name))


def _lines(path: Path) -> Any:
    for line in path.read_bytes().split(b"\n")[:-1]:  # what follows the last newline is torn
        try:
            content = json.loads(line)
        except ValueError:
            return
        if not isinstance(content, dict):
            return
        yield content


def _digest(path: Path) -> str | None:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None
