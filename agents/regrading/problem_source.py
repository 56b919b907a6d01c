"""Finding the problems of records."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ...problems import Problem, ProblemEntry, ProblemError, ProblemNotFoundError, as_strict, problem_entries
from ..records.record import EpisodeRecord


class ProblemSource:
    """Finds the problem of a record in its recorded problem set, or in another set.

    Args:
        problem_set: Name or path of a problem set for all records; None uses the recorded set.
        data: File or folder with the rows of the set; None uses the recorded place.
    """

    def __init__(self, problem_set: str | None = None, data: Path | None = None) -> None:
        self._set = problem_set
        self._data = data
        self._entries: dict[tuple[str, str | None], Mapping[str, ProblemEntry]] = {}
        self._problems: dict[tuple[object, ...], Problem] = {}

    def find(self, episode: EpisodeRecord) -> Problem:
        """Return the problem with the recorded id; compare its digest to see whether the problem has changed.

        Raises:
            ProblemError: There is no such problem, or it cannot be loaded.
        """
        recorded = episode.env_kwargs
        name = self._set or str(recorded.get("problem_set", "classics"))
        data = str(self._data) if self._data else (None if self._set else recorded.get("data"))
        key = (name, None if data is None else str(data))
        how = {each: recorded.get(each) for each in ("dialect", "float_tolerance")}
        strict = bool(recorded.get("strict"))
        known = (*key, episode.problem_id, *how.values(), strict)
        if known not in self._problems:
            problem = self._load(key, episode.problem_id).judged_as(**how)
            self._problems[known] = as_strict(problem) if strict else problem
        return self._problems[known]

    def _load(self, key: tuple[str, str | None], problem_id: str) -> Problem:
        name, data = key
        if key not in self._entries:
            try:
                self._entries[key] = {entry.id: entry for entry in problem_entries(name, data=data)}
            except ValueError as error:
                raise ProblemError(str(error)) from error
        entry = self._entries[key].get(problem_id)
        if entry is None:
            raise ProblemNotFoundError(f"the set {name!r} has no problem {problem_id!r}")
        return entry.load()
