"""A workspace in bytes: its files, and commands that bring a new shell into the state of the old one."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from .sandbox.inside import parcel

_MAGIC = b"workspace 1\n"
SHELL_STATE = """{
seed_of_the_snapshot=$RANDOM
builtin shopt -p
builtin declare -p
builtin declare -f
builtin alias -p
builtin umask -p
builtin printf 'builtin cd -- %q\\n' "$PWD"
builtin printf 'RANDOM=%q\\n' "$seed_of_the_snapshot"
builtin set +o
RANDOM=$seed_of_the_snapshot
} 2>/dev/null
return_status_of_the_last_command"""
"""Prints the commands but for the last. To set what a shell alone says of itself, such as its id, fails."""
AFTERWARDS = "return_status_of_the_last_command"


@dataclass(frozen=True, kw_only=True)
class Packed:
    """What a snapshot holds."""

    state: str
    """Commands for a new shell; empty when it is to be as new."""
    lost: tuple[str, ...]
    """What could not be kept, in words."""
    files: bytes = field(repr=False)
    """A parcel."""

    @property
    def is_empty(self) -> bool:
        """Whether it has no files."""
        return not parcel.read_head(self.files)[0]


def pack(packed: Packed) -> bytes:
    """Return a snapshot as bytes."""
    _, left_out, _ = parcel.read_head(packed.files)
    lost = [*packed.lost, *([f"{left_out} special files"] if left_out else [])]
    head = json.dumps({"state": packed.state, "lost": lost}).encode()
    return b"".join((_MAGIC, len(head).to_bytes(4, "big"), head, packed.files))


def unpack(snapshot: bytes) -> Packed:
    """Return what the bytes of a snapshot hold.

    Raises:
        ValueError: They are no snapshot.
    """
    start = len(_MAGIC) + 4
    if not snapshot.startswith(_MAGIC):
        raise ValueError(f"it begins with {snapshot[:16]!r}")
    end = start + int.from_bytes(snapshot[len(_MAGIC) : start], "big")
    try:
        head = json.loads(snapshot[start:end])
        packed = Packed(state=head["state"], lost=tuple(head["lost"]), files=snapshot[end:])
        parcel.read_head(packed.files)
    except (KeyError, TypeError) as error:
        raise ValueError(f"its head is not ours: {error!r}") from error
    return packed
