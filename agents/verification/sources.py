"""Where programs of verification tasks come from: families with their bugs, records, labelled programs."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path, PurePosixPath

from ...judge import Language
from ...problems import Problem, ProblemError, ProblemNotFoundError, find_problem, problem_entries
from ...problems.families import Spec, held_out_cells, shuffled_supply
from ...problems.families.broad.problem import wrong_programs
from ...problems.families.bugs import bug_sites, buggy
from ...problems.families.supply import Draw, problem_of
from ...problems.verification import VerificationKind
from ...problems.verification.translation import LANGUAGES, translate
from ..records import final_episodes
from ..records.files import find_records
from ..records.record import EpisodeRecord, read_episodes
from ..regrading.problem_source import ProblemSource

FAMILIES, RECORDS = "families", "records"
PROGRAMS = 14
"""Largest number of programs of a problem of the families."""
_PLANS = ("#fast\n", "#slow\n")
_LANGUAGES = {"python", "pypy", "c", "cpp", "cpp17", "cpp23", "java", "rust", "go", "javascript"}


@dataclass(frozen=True, kw_only=True)
class SourceProgram:
    """A program whose verdict is not known yet."""

    source: str = field(repr=False)
    language: Language
    origin: str


@dataclass(frozen=True, kw_only=True)
class ProgramPool:
    """A problem and programs for it."""

    problem: Problem
    spec: str
    """Name by which `find_task_problem` finds the problem again."""
    programs: tuple[SourceProgram, ...]
    prompt: str = ""
    """Symbolic line of a micro problem."""
    held_out: bool = False
    """Whether the problem is of a held-out cell or part of the families."""


def program_pools(
    source: str, *, kind: VerificationKind, seed: int, languages: Sequence[Language] = (Language.PYTHON,)
) -> Iterator[ProgramPool]:
    """Iterate over the problems of a source, each with its programs.

    Args:
        source: `families` or `families:PART` (the part for training unless given; the part `test` for the
            kind `heldout`), `records:RUN` for the submissions of a run, or the name or path of a problem set,
            whose labelled programs are taken.
        kind: Kind of the tasks.
        seed: Seed of the order of the problems and of the bugs.
        languages: Languages of the programs of families; each problem has one of them. A program that cannot
            be translated is left out.

    Raises:
        ValueError: A language is not possible. The source has another form, or does not go with the kind.
        RecordError: Records cannot be read.
        ProblemError: A problem cannot be loaded.
    """
    head, _, rest = source.partition(":")
    if kind is VerificationKind.STRONG and head != RECORDS:
        raise ValueError(f"the kind 'strong' needs programs of generators: records:RUN, got {source!r}")
    if head == RECORDS:
        return _from_records(Path(rest), seed)
    if head == FAMILIES:
        part = "test" if kind is VerificationKind.HELDOUT else "train"
        draw = Draw.parse(source if rest else f"families:{part}:1:{seed}")
        return _from_families(draw, seed, _checked(languages))
    return _from_labels(source, seed)


def _checked(languages: Sequence[Language]) -> Sequence[Language]:
    possible = (Language.PYTHON.value, *LANGUAGES)
    if not languages or {each.value for each in languages} - {*possible}:
        told = ", ".join(languages) or "none"
        raise ValueError(f"programs of families are in {', '.join(possible)}, got {told}")
    return languages


def find_task_problem(spec: str) -> Problem:
    """Return the problem that a task was made from.

    Raises:
        ProblemError: There is no such problem.
    """
    name, sign, problem_id = spec.rpartition("#")
    if not sign:
        return find_problem(spec)
    entry = _entries(name).get(problem_id)
    if entry is None:
        raise ProblemNotFoundError(f"the set {name!r} has no problem {problem_id!r}")
    return entry


@lru_cache(maxsize=8)
def _entries(name: str) -> dict[str, Problem]:
    try:
        return {entry.id: entry.load() for entry in problem_entries(name)}
    except ValueError as error:
        raise ProblemError(str(error)) from error


def _from_families(draw: Draw, seed: int, languages: Sequence[Language]) -> Iterator[ProgramPool]:
    for spec in shuffled_supply(draw.part, draw.seed):
        problem = problem_of(spec)
        rng = random.Random(f"verification: {problem.id} {seed}")
        language = random.Random(f"verification: language {problem.id} {seed}").choice(languages)
        by_label = {each.label.value: each.source.decode() for each in problem.submissions}
        fast, slow = by_label["accepted"], by_label["time_limit_exceeded"]
        programs = [("reference", fast), ("slow", slow)]
        if isinstance(spec, Spec):
            programs += _micro_bugs(fast, slow, rng)
            held_out = spec.cell.name in held_out_cells()
            prompt = spec.prompt
        else:
            programs += [(f"bug:{number}", text) for number, text in enumerate(wrong_programs(spec))]
            held_out, prompt = spec.part.value == "test", ""
        yield ProgramPool(
            problem=problem,
            spec=f"families/{problem.id}",
            programs=_distinct(
                (translated, language, f"families:{name}")
                for name, text in programs
                if (translated := _in_language(_without_plan(text), language)) is not None
            )[:PROGRAMS],
            prompt=prompt,
            held_out=held_out,
        )


def _micro_bugs(fast: str, slow: str, rng: random.Random) -> list[tuple[str, str]]:
    """Return the fast and the slow program with one bug at every place, and the fast one with two bugs."""
    found = [(f"bug:{site.bug}", site.apply(text)) for text in (fast, slow) for site in bug_sites(text)]
    rng.shuffle(found)
    for _ in range(4):
        text, bugs = buggy(fast, rng, count=2)
        found.append((f"bug:{'+'.join(bugs)}", text))
    return found


def _without_plan(text: str) -> str:
    """Return a program without the comment that names its plan, and with a final newline."""
    # The comment says whether the program is slow, which is the question.
    for plan in _PLANS:
        text = text.removeprefix(plan)
    return text.rstrip() + "\n"


def _in_language(text: str, language: Language) -> str | None:
    return text if language is Language.PYTHON else translate(text, language.value)


def _distinct(programs: Iterator[tuple[str, Language, str]]) -> tuple[SourceProgram, ...]:
    kept: dict[tuple[str, Language], str] = {}
    for text, language, origin in programs:
        kept.setdefault((text, language), origin)
    return tuple(
        SourceProgram(source=text, language=language, origin=origin)
        for (text, language), origin in kept.items()
    )


def _from_records(run: Path, seed: int) -> Iterator[ProgramPool]:
    """Yield the problems of a run with the distinct submissions of its valid episodes."""
    episodes = final_episodes(read_episodes(find_records(run)).episodes)
    by_problem: dict[tuple[str, str], list[EpisodeRecord]] = {}
    for episode in episodes:
        if episode.reward_valid and episode.submission:
            name = str(episode.env_kwargs.get("data") or episode.env_kwargs.get("problem_set", "classics"))
            by_problem.setdefault((name, episode.problem_id), []).append(episode)
    order = sorted(by_problem)
    random.Random(f"verification: records {seed}").shuffle(order)
    source = ProblemSource()
    for name, problem_id in order:
        own = by_problem[name, problem_id]
        problem = source.find(own[0])
        yield ProgramPool(
            problem=problem,
            spec=f"{name}#{problem_id}",
            programs=_distinct(
                (each.submission or "", Language(each.language), f"records:{each.agent.name}#{each.sample}")
                for each in own
            ),
            prompt=problem.metadata.get("prompt", ""),
        )


def _from_labels(name: str, seed: int) -> Iterator[ProgramPool]:
    entries = problem_entries(name)
    random.Random(f"verification: labels {seed}").shuffle(entries)
    for entry in entries:
        problem = entry.load()
        known = [(each, _language(each.name)) for each in problem.submissions]
        yield ProgramPool(
            problem=problem,
            spec=f"{name}#{problem.id}",
            programs=_distinct(
                (each.source.decode(errors="replace"), language, f"labelled:{each.label.value}/{each.name}")
                for each, language in known
                if language is not None
            ),
        )


def _language(name: str) -> Language | None:
    try:
        language = Language.of_file(PurePosixPath(name).name)
    except ValueError:
        return None
    return language if language.value in _LANGUAGES else None


def within(pools: Iterator[ProgramPool], window: Sequence[str] | None) -> Iterator[ProgramPool]:
    """Yield the pools whose contest dates are in a window, each end included; all without a window."""
    for pool in pools:
        date = pool.problem.contest_date
        if window is None or (date is not None and window[0] <= date.isoformat() <= window[1]):
            yield pool
