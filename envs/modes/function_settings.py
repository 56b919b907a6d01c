"""The keyword arguments of the environments of tasks about functions in mode single."""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

from ..options import Layout
from ..settings import EnvKeywords, EnvSettings


class FunctionKeywords(EnvKeywords, total=False):
    """The keyword arguments of `gymnasium.make("Deduction-single", ...)`."""

    layout: Layout


@dataclass(frozen=True, kw_only=True)
class FunctionSettings(EnvSettings):
    """The keyword arguments, checked.

    Raises:
        ValueError: A value is not allowed; the message names it.
    """

    layout: Layout = "markdown"
    """Form of the task: `markdown`, or `plain` for models with a small vocabulary."""

    def __post_init__(self) -> None:
        if self.layout not in get_args(Layout):
            raise ValueError(f"layout must be one of {', '.join(get_args(Layout))}, got {self.layout!r}")
        super().__post_init__()
