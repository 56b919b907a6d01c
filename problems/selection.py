"""Which problems of a set are used, and why others are not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .model import Problem


@dataclass(frozen=True, kw_only=True)
class LeftOut:
    """A problem that is not used."""

    id: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Selection:
    """The problems of a set that are to be used, and why others are not."""

    problems: tuple[Problem, ...] = field(repr=False)
    excluded: Mapping[str, str] = field(default_factory=dict)
    """Reasons by problem id."""

    def without_methods(self, language: str) -> Selection:
        """Leave out the problems that ask for a Python method, as `language` cannot solve them."""
        reason = f"asks for a Python method, which {language} cannot give"
        return Selection(
            problems=tuple(problem for problem in self.problems if not problem.functional),
            excluded={
                **self.excluded,
                **{problem.id: reason for problem in self.problems if problem.functional},
            },
        )
