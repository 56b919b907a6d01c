"""Choice of the problems of an environment, and of the problem of an episode."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..judge import Language
from ..problems import Difficulty, Problem, TaskKind, as_strict, select_problems
from .functions.making import prepare
from .settings import EnvSettings


class ProblemPool:
    """The problems of an environment, in a fixed order.

    Raises:
        ValueError: There is no problem, an id occurs twice, or the language cannot solve some of the
            problems.
    """

    def __init__(
        self,
        problems: Sequence[Problem],
        *,
        language: Language,
        excluded: Mapping[str, str] | None = None,
    ) -> None:
        self.excluded = dict(excluded or {})
        """The problems of the set that are not played, with the reasons."""
        if not problems:
            raise ValueError("there is no problem to play: widen `window` or `problems`")
        self._by_id = {problem.id: problem for problem in problems}
        if len(self._by_id) < len(problems):
            ids = [problem.id for problem in problems]
            raise ValueError(
                f"duplicate problem ids: {sorted({name for name in ids if ids.count(name) > 1})}"
            )
        functional = [problem.id for problem in problems if problem.functional]
        if functional and language is not Language.PYTHON:
            raise ValueError(
                f"{len(functional)} of {len(problems)} problems ask for a Python method, for example "
                f"{functional[0]!r}, so language {language.value!r} cannot solve them: restrict `problems`"
            )
        self.problems = tuple(problems)
        """The problems in a fixed order."""

    @classmethod
    def of(cls, settings: EnvSettings) -> ProblemPool:
        """Return the pool of the problems in the settings, loading the problem set if it is needed.

        Raises:
            ValueError: A problem is unknown, left out or not allowed.
            ProblemError: The problem set cannot be loaded.
        """
        chosen = settings.problems
        if chosen is not None:
            _check_selection(chosen)
        if chosen is not None and all(isinstance(item, Problem) for item in chosen):
            for name in ("window", "data"):
                if getattr(settings, name) is not None:
                    raise ValueError(
                        f"{name} applies to a problem set that is loaded, but `problems` gives problems"
                    )
            given = [item for item in chosen if isinstance(item, Problem)]
            return cls(_judged_as(given, settings), language=settings.program_language)
        selection = select_problems(
            settings.problem_set,
            data=prepared_data(settings.problem_set, settings.data, settings),
            window=settings.window,
            difficulty=None if settings.difficulty is None else Difficulty(settings.difficulty),
            require=settings.required,
            known_bad=settings.known_bad,
        ).with_statements()
        # An agent cannot solve a problem that asks for a Python method in another language.
        if settings.program_language is not Language.PYTHON:
            selection = selection.without_methods(settings.program_language.value)
        pool = list(selection.problems)
        if chosen is not None:
            by_id = {problem.id: problem for problem in pool}
            for item in map(str, chosen):
                if item in selection.excluded:
                    raise ValueError(f"problem {item!r} is left out: {selection.excluded[item]}")
            # In the order given, so that the caller decides the order of `problems`.
            pool = [_look_up(by_id, str(item)) for item in chosen]
        return cls(
            _judged_as(pool, settings), language=settings.program_language, excluded=selection.excluded
        )

    def __len__(self) -> int:
        return len(self.problems)

    def by_id(self, problem_id: str) -> Problem:
        """Return the problem with an id.

        Raises:
            ValueError: There is no such problem; the message names similar ids.
        """
        return _look_up(self._by_id, problem_id)

    def choose(self, random: np.random.Generator, options: Mapping[str, Any] | None) -> Problem:
        """Return the problem whose id is `options["problem"]`, or a uniformly drawn problem.

        Raises:
            ValueError: The id or an option is unknown.
        """
        unknown = set(options or ()) - {"problem"}
        if unknown:
            raise ValueError(f"unknown reset options {sorted(unknown)}: only 'problem' is known")
        if options and options.get("problem") is not None:
            return self.by_id(options["problem"])
        return self.problems[int(random.integers(len(self.problems)))]


def _judged_as(problems: Sequence[Problem], settings: EnvSettings) -> list[Problem]:
    how = {"dialect": settings.dialect, "float_tolerance": settings.float_tolerance}
    judged = [problem.judged_as(**how) for problem in problems]  # type: ignore[arg-type]
    return [as_strict(problem) for problem in judged] if settings.strict else judged


def prepared_data(
    problem_set: str, data: Path | str | None, settings: EnvSettings | None = None
) -> Path | str | None:
    """Return the `data` of a problem set for the loader; of a folder of functions, tasks are made first.

    Raises:
        ProblemError: The functions cannot be read, or the tasks cannot be written.
        JudgeError: The judge failed.
    """
    if data is None or problem_set.lower() not in tuple(TaskKind):
        return data
    if settings is None:
        return prepare(Path(data))
    return prepare(Path(data), sandbox=settings.sandbox, judge=settings.judge)


def _check_selection(chosen: object) -> None:
    """Raise ValueError unless `chosen` is a non-empty list of ids or of problems."""
    ok = isinstance(chosen, Sequence) and not isinstance(chosen, str | bytes) and len(chosen) > 0
    if not ok or not any(all(isinstance(item, kind) for item in chosen) for kind in (str, Problem)):  # type: ignore[attr-defined]
        raise ValueError(
            f"problems must be a list of problem ids or of problems, not empty, got {chosen!r:.200}"
        )


def _look_up(by_id: Mapping[str, Problem], problem_id: str) -> Problem:
    if problem_id in by_id:
        return by_id[problem_id]
    near = difflib.get_close_matches(str(problem_id), by_id, n=3, cutoff=0.5) or list(by_id)[:3]
    raise ValueError(f"there is no problem {problem_id!r} here; did you mean {' or '.join(map(repr, near))}?")
