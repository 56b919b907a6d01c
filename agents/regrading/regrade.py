"""Judging stored submissions again, without the agents; new records keep the old judgements."""

from __future__ import annotations

import hashlib
import json
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal

from ...envs import REWARDS
from ...envs.rewards import reward_components
from ...judge import JudgeError, Judgement, JudgePool, JudgeTask, Language, Submission
from ...judge.judgement import NO_SANDBOX
from ...problems import CoverageOrder, Problem, ProblemError, check_coverage
from ...system import entries
from ..records.files import RECORDS
from ..records.keys import EpisodeKey, episode_key
from ..records.lines import LineReader, RecordError
from ..records.record import (
    EarlierJudgement,
    EpisodeRecord,
    EpisodeWriter,
    JudgementRecord,
    episodes_in,
    read_episodes,
)

CONFIG = "regrade.json"
_AHEAD = 4
"""Submissions per worker that are prepared ahead."""
Key = tuple[EpisodeKey, int, str]
FindProblem = Callable[[EpisodeRecord], Problem]


@dataclass(frozen=True, kw_only=True)
class RegradeSettings:
    """How to judge submissions again; None keeps the recorded setting.

    Raises:
        ValueError: A value is not allowed.
    """

    reason: str
    """Reason for judging again, kept with the old judgement."""
    coverage: float | None = None
    order: CoverageOrder | None = None
    order_seed: int | None = None
    time_factor: float = 1.0
    """Time factor of the judge."""
    grace: float = 1.0
    """Grace factor of the judge."""
    changed: Literal["leave", "judge"] = "leave"
    """Treatment of submissions whose problem has changed since, by its digest."""

    def __post_init__(self) -> None:
        if not self.reason.strip():
            raise ValueError("reason must say why the submissions are judged again")
        if self.coverage is not None:
            check_coverage(self.coverage)


@dataclass(frozen=True, kw_only=True)
class Flip:
    """An episode whose verdict, failure class or reward has changed."""

    env: str
    problem: str
    agent: str
    sample: int
    attempt: int
    before: tuple[str, str, float]
    """Verdict, failure class and reward before."""
    after: tuple[str, str, float]


@dataclass(frozen=True, kw_only=True)
class NotJudged:
    """A submission without a new judgement."""

    line: int
    """Line in the source records, from 1."""
    problem: str
    agent: str
    reason: str
    infrastructure: bool
    """Whether the judge failed, so that the next call tries again; otherwise the record cannot be judged as
    asked."""


@dataclass(frozen=True, kw_only=True)
class RegradeReport:
    """Result of judging again, including earlier calls."""

    judged: int
    taken_over: int
    """Number of records copied unchanged, because they have no judgement or are not valid."""
    flips: tuple[Flip, ...]
    missing: tuple[NotJudged, ...]
    """Submissions without a new record."""


def regrade(
    source: Path,
    to: Path,
    settings: RegradeSettings,
    *,
    judge: JudgePool,
    find: FindProblem,
    workers: int = 1,
    on_written: Callable[[int], None] = lambda count: None,
) -> RegradeReport:
    """Judge the submissions of a file of records again, writing new records into a folder.

    Repeating the call judges only submissions that have no new record yet.

    Args:
        source: File of records; not changed.
        to: Folder: new, empty, or of an earlier call with the same records, settings and judge.
        settings: How to judge.
        judge: Judge of the submissions; not closed.
        find: Function that finds the problem of a record.
        workers: Submissions judged at a time.
        on_written: Called with the number of records written so far.

    Raises:
        RecordError: Records cannot be read, or the folder holds something else.
        OSError: The folder cannot be written.
    """
    identity = {"version": judge.identity.version, "sandbox": judge.identity.sandbox}
    _claim(to, source, {"settings": asdict(settings), "judge": identity})
    records = to / RECORDS
    missing: list[NotJudged] = []
    with EpisodeWriter(records) as writer:
        done = Counter(map(_key, read_episodes(records).episodes))
        work = _Work(settings, judge, find, _digest([asdict(settings), identity]))
        count = sum(done.values())
        with ThreadPoolExecutor(workers, thread_name_prefix="regrade") as pool:
            for outcome in _in_order(pool, work, _owed(source, done), ahead=_AHEAD * workers):
                if isinstance(outcome, NotJudged):
                    missing.append(outcome)
                else:
                    writer.write(outcome)
                    count += 1
                    on_written(count)
    episodes = read_episodes(records).episodes
    judged = [episode for episode in episodes if episode.judgement is not None and episode.earlier]
    return RegradeReport(
        judged=len(judged),
        taken_over=len(episodes) - len(judged),
        flips=tuple(flip for flip in map(_flip, judged) if flip.before != flip.after),
        missing=tuple(missing),
    )


class _Work:
    """Prepares and judges records; `judge` may be called from several threads, `prepare` from one."""

    def __init__(self, settings: RegradeSettings, judge: JudgePool, find: FindProblem, digest: str) -> None:
        self._settings = settings
        self._judge = judge
        self._find = find
        self._digest = digest

    def prepare(self, line: int, episode: EpisodeRecord) -> list[JudgeTask] | EpisodeRecord | NotJudged:
        """Return the tasks to judge, one per answer; or the record, which has no judgement; or why there are
        none."""
        if episode.judgement is None or not episode.reward_valid:
            return episode
        if episode.judgement.judge.sandbox == NO_SANDBOX:
            return _not_judged(line, episode, "its answer is no program, so there is nothing to judge again")
        try:
            problem = self._find(episode)
            changed = problem.digest() != episode.problem_digest
        except ProblemError as error:
            return _not_judged(line, episode, str(error))
        if changed and self._settings.changed == "leave":
            return _not_judged(line, episode, "the problem has another digest than the recorded one")
        if episode.env_kwargs.get("reward", "all_tests") not in REWARDS:
            return _not_judged(line, episode, f"its reward {episode.env_kwargs['reward']!r} has no name")
        if episode.submission is None:
            return _not_judged(line, episode, "the record has a judgement but no submission")
        sources = [answer.submission for answer in episode.answers] or [episode.submission]
        # Replacement characters that no action contains come from decoding the submission.
        if any("\ufffd" in source for source in sources) and not any(
            "\ufffd" in step.action for step in episode.steps
        ):
            return _not_judged(line, episode, "the submission is not UTF-8, so its record is incomplete")
        return [self._task(episode, problem, source) for source in sources]

    def _task(self, episode: EpisodeRecord, problem: Problem, source: str) -> JudgeTask:
        recorded, asked = episode.env_kwargs, self._settings
        return JudgeTask(
            problem=problem,
            submission=Submission(source=source.encode(), language=Language(episode.language)),
            coverage=asked.coverage or recorded.get("coverage", 1.0),
            order=asked.order or recorded.get("coverage_order", "size"),
            order_seed=recorded.get("order_seed", 0) if asked.order_seed is None else asked.order_seed,
            stop_early=bool(recorded.get("stop_early", False)),
        )

    def judge(
        self, line: int, episode: EpisodeRecord, tasks: Sequence[JudgeTask]
    ) -> EpisodeRecord | NotJudged:
        """Judge the tasks of a record, and return the new record."""
        try:
            judgements = [self._judge.judge_task(task) for task in tasks]
        except JudgeError as error:
            reason = f"{type(error).__name__}: {error}"
            return replace(_not_judged(line, episode, reason), infrastructure=True)
        return self._regraded(episode, tasks[0].problem, judgements)

    def _regraded(
        self, episode: EpisodeRecord, problem: Problem, judgements: Sequence[Judgement]
    ) -> EpisodeRecord:
        assert episode.judgement is not None
        assert episode.failure_class is not None
        recorded = episode.env_kwargs
        name = recorded.get("reward", "all_tests")
        # The first of the best answers counts, as in the environment.
        best = max(range(len(judgements)), key=lambda place: REWARDS[name](judgements[place]))
        judgement = judgements[best]
        records = [JudgementRecord.of(each, tests=len(problem.tests)) for each in judgements]
        answers = tuple(
            replace(answer, judgement=record)
            for answer, record in zip(episode.answers, records[: len(episode.answers)], strict=True)
        )
        # The reward is computed as the environment computes it, from the recorded settings.
        length = sum(len(step.action) for step in episode.steps)
        penalty = recorded.get("length_penalty")
        components = reward_components(judgement, length=length, penalty=penalty and (penalty[0], penalty[1]))
        last = components[name] + components["format"] + components["length"]
        steps = (*episode.steps[:-1], replace(episode.steps[-1], reward=last))
        earlier = EarlierJudgement(
            judgement=episode.judgement,
            reward=episode.reward,
            failure_class=episode.failure_class,
            reason=self._settings.reason,
            regrade=_digest([self._digest, problem.digest()]),
            answers=episode.answers,
        )
        return replace(
            episode,
            steps=steps,
            reward=sum(step.reward for step in steps),
            failure_class=judgement.failure_class,
            components=components,
            submission=answers[best].submission if answers else episode.submission,
            judgement=records[best],
            answers=answers,
            earlier=(*episode.earlier, earlier),
        )


def _in_order(
    pool: ThreadPoolExecutor, work: _Work, owed: Iterator[tuple[int, EpisodeRecord]], *, ahead: int
) -> Iterator[EpisodeRecord | NotJudged]:
    """Yield the outcomes in the order of the records, while at most `ahead` of them are judged in advance."""
    waiting: deque[Future[EpisodeRecord | NotJudged]] = deque()
    try:
        for line, episode in owed:
            prepared = work.prepare(line, episode)
            if isinstance(prepared, list):
                waiting.append(pool.submit(work.judge, line, episode, prepared))
            else:
                ready: Future[EpisodeRecord | NotJudged] = Future()
                ready.set_result(prepared)
                waiting.append(ready)
            # Results are written in the order of the records, so that an interrupted call can be continued.
            if len(waiting) > ahead:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        for future in waiting:
            future.cancel()


def _owed(source: Path, done: Counter[Key]) -> Iterator[tuple[int, EpisodeRecord]]:
    """Yield the records that have no new record yet."""
    # Counted, as a file may hold several records with the same key.
    left = done.copy()
    for line, episode in episodes_in(LineReader(source)):
        key = _key(episode)
        if left[key] > 0:
            left[key] -= 1
        else:
            yield line.number, episode


def _key(episode: EpisodeRecord) -> Key:
    """Return the content that a record and its regraded record have in common."""
    # Judging again may make another answer the best, and so the submission.
    sources = [answer.submission for answer in episode.answers] or episode.submission
    parts = [sources, episode.seed, episode.stop_reason, [step.action for step in episode.steps]]
    return episode_key(episode), episode.attempt, _digest(parts)


def _claim(to: Path, source: Path, config: dict[str, Any]) -> None:
    """Create the folder, or check that it belongs to an earlier call with the same settings."""
    digest = hashlib.sha256()
    try:
        with source.open("rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
    except OSError as error:
        raise RecordError(f"{source}: cannot be read: {error.strerror}") from error
    # Through JSON and back, so that tuples and enums compare equal to the configuration read from the file.
    wanted = json.loads(json.dumps({**config, "source": digest.hexdigest()}))
    path = to / CONFIG
    if not entries(to):
        to.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(wanted, indent=2) + "\n")
        return
    try:
        found = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise RecordError(f"{to}: holds something other than a regrade that could be continued") from error
    differing = [name for name in wanted if not isinstance(found, dict) or found.get(name) != wanted[name]]
    if differing:
        raise RecordError(
            f"{to}: holds a regrade with another {' and '.join(differing)}: name another folder"
        )


def _flip(episode: EpisodeRecord) -> Flip:
    judgement, earlier = episode.judgement, episode.earlier[-1]
    assert judgement is not None
    assert episode.failure_class is not None
    return Flip(
        env=episode.env_id,
        problem=episode.problem_id,
        agent=episode.agent.name,
        sample=episode.sample,
        attempt=episode.attempt,
        before=(earlier.judgement.verdict.value, earlier.failure_class.value, earlier.reward),
        after=(judgement.verdict.value, episode.failure_class.value, episode.reward),
    )


def _not_judged(line: int, episode: EpisodeRecord, reason: str) -> NotJudged:
    return NotJudged(
        line=line,
        problem=episode.problem_id,
        agent=episode.agent.name,
        reason=reason,
        infrastructure=False,
    )


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()
