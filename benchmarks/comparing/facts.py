"""Facts about problems that records do not carry: contests, dates and tags."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from ..errors import BenchError
from .outcomes import Played


class _Row(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    id: str
    contest_date: date | None = None
    contest: str | None = None
    tags: tuple[str, ...] = ()


class _Document(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    problems: tuple[_Row, ...]


@dataclass(frozen=True, kw_only=True)
class ProblemFacts:
    """Facts about problems by id; problems without a fact are missing from its mapping."""

    months: Mapping[str, str] = field(default_factory=dict)
    """Months of the contests, as YYYY-MM."""
    contests: Mapping[str, str] = field(default_factory=dict)
    """Contests, or the dates of contests where only these are known."""
    tags: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def cluster(self, episode: Played) -> str:
        """Return the cluster of the problem: its contest, or the problem alone where that is not known."""
        contest = self.contests.get(episode.problem_id)
        return f"problem {episode.problem_digest}" if contest is None else f"contest {contest}"


def read_facts(path: Path) -> ProblemFacts:
    """Read what `codefrontier problems list --json` prints.

    Raises:
        BenchError: The file cannot be read, or is no such document.
    """
    try:
        document = _Document.model_validate_json(path.read_bytes())
    except OSError as error:
        raise BenchError(f"{path}: cannot be read: {error.strerror}") from error
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise BenchError(
            f"{path}: is not what `codefrontier problems list --json` prints: {where}: {first['msg']}"
        ) from error
    rows = document.problems
    return ProblemFacts(
        months={row.id: f"{row.contest_date:%Y-%m}" for row in rows if row.contest_date},
        contests={
            row.id: row.contest or str(row.contest_date) for row in rows if row.contest or row.contest_date
        },
        tags={row.id: row.tags for row in rows if row.tags},
    )
