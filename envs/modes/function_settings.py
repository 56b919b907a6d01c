"""The keyword arguments of the environments of tasks about functions in mode single."""

from __future__ import annotations

from dataclasses import dataclass

from ..options import Layout, check_layout
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
        check_layout(self.layout)
        super().__post_init__()
