"""Selection of one program per problem by a verifier, compared with oracle, majority and a uniform choice."""

from __future__ import annotations

import json
import random
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np

from ...agents import AgentFactory
from ...agents.engine.episode import rollout
from ...agents.records import final_episodes
from ...agents.records.files import find_records
from ...agents.records.record import EpisodeRecord, read_episodes
from ...agents.regrading.problem_source import ProblemSource
from ...envs.task_text import task_text
from ...envs.verification import VerificationEnv, parse_answer
from ...judge import Language
from ...problems import Problem
from ...problems.verification import MOST, question_problem
from ..analysis.clustered import clustered_mean, clustered_share
from ..analysis.statistics import Interval
from ..errors import BenchError

Control = Literal["first", "longest"]


@dataclass(frozen=True, kw_only=True)
class RecordedProgram:
    """A distinct program of recorded runs."""

    source: str = field(repr=False)
    language: str
    accepted: bool
    votes: int
    """Number of episodes that submitted it."""


@dataclass(frozen=True, kw_only=True)
class CandidateSet:
    """The programs of an ensemble on one problem."""

    problem: Problem
    programs: tuple[RecordedProgram, ...]


@dataclass(frozen=True, kw_only=True)
class Choice:
    """The choice of a verifier on one problem."""

    problem_id: str
    programs: int
    accepted: Mapping[str, float]
    """Whether the program of each selector is accepted; for a uniform choice, the expected value."""


@dataclass(kw_only=True)
class SelectionReport:
    """Rates of the selectors over problems."""

    choices: list[Choice] = field(default_factory=list, repr=False)
    questions: int = 0
    unread: int = 0
    """Number of replies without an answer; such a question is decided by the other votes, or by chance."""
    tokens: int = 0

    @property
    def problems(self) -> int:
        """Number of problems."""
        return len(self.choices)

    @property
    def programs(self) -> int:
        """Number of different programs."""
        return sum(choice.programs for choice in self.choices)

    @property
    def rates(self) -> dict[str, Interval]:
        """The share of problems with an accepted program, by selector, with intervals over problems."""
        clusters = np.arange(self.problems)
        return {
            name: clustered_share([each.accepted[name] for each in self.choices], clusters, self.problems)
            for name in self.choices[0].accepted
        }

    @property
    def gains(self) -> dict[str, Interval]:
        """The difference from a uniform choice, paired by problem."""
        clusters = np.arange(self.problems)
        return {
            name: clustered_mean(
                [each.accepted[name] - each.accepted["uniform"] for each in self.choices], clusters
            )
            for name in self.choices[0].accepted
            if name != "uniform"
        }

    def document(self) -> dict[str, Any]:
        """Return rates and counts as JSON values."""
        return {
            "problems": self.problems,
            "programs": self.programs,
            "questions": self.questions,
            "unread": self.unread,
            "tokens": self.tokens,
            "rates": {name: asdict(rate) for name, rate in self.rates.items()},
            "gains": {name: asdict(gain) for name, gain in self.gains.items()},
        }

    def lines(self) -> Iterator[str]:
        """Yield the choices as lines of JSON."""
        for choice in self.choices:
            yield json.dumps(asdict(choice), sort_keys=True)


def read_candidates(paths: Sequence[Path], *, most: int) -> list[CandidateSet]:
    """Return the distinct programs on each problem, from the first `most` submissions of all runs in turn.

    Raises:
        BenchError: There are fewer than two problems with a submission.
        RecordError: Records cannot be read.
        ProblemError: A problem is not where the records say.
    """
    if most < 1:
        raise ValueError(f"programs must be at least 1, got {most!r}")
    source = ProblemSource()
    by_problem: dict[str, list[tuple[int, int, EpisodeRecord]]] = defaultdict(list)
    for place, path in enumerate(dict.fromkeys(paths)):
        for episode in final_episodes(read_episodes(find_records(path)).episodes):
            if episode.reward_valid and episode.submission and episode.judgement:
                by_problem[episode.problem_id].append((episode.sample, place, episode))
    if len(by_problem) < 2:
        raise BenchError(f"a selection needs submissions on at least 2 problems, got {len(by_problem)}")
    sets = []
    for problem_id in sorted(by_problem):
        ordered = sorted(by_problem[problem_id], key=lambda each: each[:2])[:most]
        sets.append(
            CandidateSet(problem=source.find(ordered[0][2]), programs=_distinct([e for _, _, e in ordered]))
        )
    return sets


def _distinct(episodes: Sequence[EpisodeRecord]) -> tuple[RecordedProgram, ...]:
    votes: Counter[tuple[str, str]] = Counter()
    accepted: dict[tuple[str, str], bool] = {}
    for episode in episodes:
        assert episode.submission is not None
        assert episode.judgement is not None
        # Programs that differ in white space only are one answer.
        key = ("\n".join(line.rstrip() for line in episode.submission.strip().splitlines()), episode.language)
        votes[key] += 1
        accepted.setdefault(key, episode.judgement.verdict.accepted)
    return tuple(
        RecordedProgram(source=key[0], language=key[1], accepted=accepted[key], votes=count)
        for key, count in votes.items()
    )


def select(
    problems: Sequence[CandidateSet],
    verifier: AgentFactory | str,
    *,
    votes: int = 1,
    thinking: bool = True,
    layout: Literal["markdown", "plain"] = "markdown",
    seed: int = 0,
) -> SelectionReport:
    """Let a verifier choose a program for each problem, without showing it any verdict.

    Args:
        problems: Programs of at least two problems.
        verifier: Agents that answer, or `first` or `longest` as a control.
        votes: Number of replies to each question.
        thinking: Whether text may come before the answer.
        layout: Form of the questions.
        seed: Seed of the order in which programs are shown.

    Raises:
        ValueError: `votes` is below 1.
        AgentError: The agent cannot answer.
    """
    if votes < 1:
        raise ValueError(f"votes must be at least 1, got {votes!r}")
    report = SelectionReport()
    asking = _Asking(verifier, votes, {"thinking": thinking, "layout": layout}, report)
    for each in problems:
        rng = random.Random(f"select {seed} {each.problem.id}")
        shown = rng.sample(each.programs, len(each.programs))
        best = asking.winner(each.problem, shown, rng)
        weights = [program.votes for program in each.programs]
        hits = [float(program.accepted) for program in each.programs]
        first = [hit for hit, weight in zip(hits, weights, strict=True) if weight == max(weights)]
        report.choices.append(
            Choice(
                problem_id=each.problem.id,
                programs=len(each.programs),
                accepted={
                    "verifier": float(best.accepted),
                    "oracle": max(hits),
                    "majority": float(np.mean(first)),
                    "uniform": float(np.average(hits, weights=weights)),
                },
            )
        )
    return report


class _Asking:
    """Asks a verifier, and counts what that costs."""

    def __init__(
        self, verifier: AgentFactory | str, votes: int, options: dict[str, Any], report: SelectionReport
    ) -> None:
        self._verifier = verifier
        self._votes = votes
        self._options = options
        self._report = report

    def winner(
        self, problem: Problem, programs: Sequence[RecordedProgram], rng: random.Random
    ) -> RecordedProgram:
        """Return the program that is left after all comparisons."""
        left = list(programs)
        while len(left) > 1:
            heat, rest = left[:MOST], left[MOST:]
            left = [*rest, heat[self._choose(problem, heat, rng)]]
        return left[0]

    def _choose(self, problem: Problem, heat: Sequence[RecordedProgram], rng: random.Random) -> int:
        if self._verifier == "first":
            return 0
        if self._verifier == "longest":
            return max(range(len(heat)), key=lambda place: len(heat[place].source))
        assert not isinstance(self._verifier, str)
        self._report.questions += 1
        found: Counter[int] = Counter()
        for vote in range(self._votes):
            order = rng.sample(range(len(heat)), len(heat))
            answer = self._ask(self._verifier, problem, [heat[place] for place in order], vote)
            if answer is not None:
                found[order[answer]] += 1
        if not found:
            return rng.randrange(len(heat))
        most = max(found.values())
        return rng.choice(sorted(place for place, count in found.items() if count == most))

    def _ask(
        self, factory: AgentFactory, problem: Problem, programs: Sequence[RecordedProgram], vote: int
    ) -> int | None:
        """Return the place that the verifier names, from 0; None for a reply without an answer."""
        heading, _, text = task_text(problem, Language(programs[0].language)).partition("\n")
        question = question_problem(
            title=heading.removeprefix("# "),
            statement=text.strip(),
            programs=[(each.source, each.language) for each in programs],
            prompt=problem.metadata.get("prompt", ""),
            name=problem.id,
        )
        with (
            closing(VerificationEnv(problems=[question], **self._options)) as env,
            closing(factory.make()) as agent,
        ):
            episode = rollout(agent, env, sample=vote)
        self._report.tokens += episode.usage.prompt_tokens + episode.usage.completion_tokens
        reply = episode.steps[0].action if episode.steps else ""
        answer = parse_answer(reply, len(programs), thinking=self._options["thinking"])
        if isinstance(answer, str):
            self._report.unread += 1
            return None
        return answer[0] - 1
