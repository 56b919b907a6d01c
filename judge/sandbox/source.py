"""Where a judge gets its sandboxes from."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Protocol

from .embedded import EmbeddedSandbox
from .session import Sandbox

_TAKEN = ("/tmp/", "/work/", "/proc/", "/dev/", "/etc/")


class SandboxSource(Protocol):
    """Starts sandboxes of one kind. Thread-safe; not for a forked copy of the process."""

    def open(self, *, work_mib: int = 0) -> Sandbox:
        """Return a fresh sandbox.

        Args:
            work_mib: Size of the persistent folder /work; 0 makes none.

        Raises:
            SandboxError: It cannot be had; the message says why.
        """

    def close(self) -> None:
        """End what was started ahead of need, not what is in use. A second call does nothing."""


@dataclass(frozen=True, kw_only=True)
class EmbeddedOptions:
    """How embedded sandboxes are to be.

    Raises:
        ValueError: A toolchain is not the absolute path of a folder with a folder `bin`, or lies where the
            sandbox has something else.
    """

    toolchains: tuple[str, ...] = ()
    """Folders of compilers and runtimes outside of /usr, shown read-only: what is in the `bin` of each is
    found before what the host has in /usr. Symbolic links are resolved."""
    pin: bool = False
    """Give each worker a processor of its own: what it runs is not moved from one to another."""

    def __post_init__(self) -> None:
        for folder in self.toolchains:
            taken = os.path.realpath(folder) == "/" or os.path.realpath(folder).startswith(_TAKEN)
            if not os.path.isabs(folder) or not os.path.isdir(os.path.join(folder, "bin")) or taken:
                raise ValueError(
                    f"a toolchain must be the absolute path of a folder with a bin folder, and not be within "
                    f"{', '.join(_TAKEN)}, got {folder!r}"
                )
        resolved = tuple(os.path.realpath(folder) for folder in self.toolchains)
        object.__setattr__(self, "toolchains", resolved)


class EmbeddedSource:
    """Sandboxes in namespaces of this host.

    Args:
        options: How they are to be.
    """

    def __init__(self, options: EmbeddedOptions | None = None) -> None:
        self._options = options or EmbeddedOptions()

    def open(self, *, work_mib: int = 0) -> Sandbox:
        """Return a fresh sandbox."""
        return EmbeddedSandbox(work_mib=work_mib, toolchains=self._options.toolchains)

    def close(self) -> None:
        """Nothing was started ahead of need."""
