"""Choose the candidates of verification tasks, so that place and length do not tell which is right.

For every number n of candidates, the right one is at each of the n places equally often, and has each of the
n ranks by length equally often. In tasks of the kind `adv` it is never the first and never the longest.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from ...envs.task_text import task_text
from ...judge import Judgement, JudgePool, Language
from ...problems.verification import (
    EASY_BELOW,
    EDITS,
    FEWEST,
    HARD_RATES,
    MOST,
    Candidate,
    VerificationKind,
    VerificationTask,
)
from .proof import judge_programs, prove_labels
from .sources import ProgramPool

Bucket = tuple[int, int]
"""Number of candidates, and number of wrong candidates that are longer than the right one."""
_TRIES = 20


@dataclass(frozen=True, kw_only=True)
class BuildSettings:
    """How a set is built."""

    kind: VerificationKind
    tasks: int = 200
    """Number of tasks wanted; the set has at most as many, rounded down so that it is balanced."""
    sizes: tuple[int, ...] = (2, 3, 4, 5)
    """Numbers of candidates; each gets an equal share of the tasks."""
    per_problem: int = 4
    """Largest number of tasks of a problem."""
    seed: int = 0

    def __post_init__(self) -> None:
        if not self.sizes or any(not FEWEST <= size <= MOST for size in self.sizes):
            raise ValueError(f"sizes must be from {FEWEST} to {MOST}, got {self.sizes!r}")
        for name in ("tasks", "per_problem"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1, got {getattr(self, name)!r}")
        if self.capacity < 1:
            raise ValueError(
                f"tasks must be at least {max(self.places(size) for size in self.sizes) * len(self.sizes)} "
                f"for a balanced set of the sizes {self.sizes!r}, got {self.tasks!r}"
            )

    def places(self, size: int) -> int:
        """Return the number of places at which the right candidate may stand."""
        return size - 1 if self.kind is VerificationKind.ADV else size

    @property
    def capacity(self) -> int:
        """Smallest number of tasks that a bucket may have."""
        return min(self.room(size) for size in self.sizes)

    def room(self, size: int) -> int:
        """Return the largest number of tasks in each bucket of a size."""
        return self.tasks // len(self.sizes) // self.places(size)


@dataclass(frozen=True, kw_only=True)
class Built:
    """A set of tasks, and what was left out."""

    tasks: tuple[VerificationTask, ...] = field(repr=False)
    dropped: Counter[str]
    """Number of problems, programs and tasks that were left out, by reason."""
    programs: int
    """Number of programs that were judged."""


def build_tasks(pools: Iterable[ProgramPool], judge: JudgePool, settings: BuildSettings) -> Built:
    """Judge programs, choose candidates, prove every label again, and balance the set.

    Args:
        pools: Problems with programs, taken until the set is full.
        judge: Judge of the programs.
        settings: How the set is built.

    Raises:
        ValueError: No task can be made.
    """
    builder = _Builder(judge, settings)
    for pool in pools:
        builder.add(pool)
        if builder.full:
            break
    tasks = builder.proved()
    balanced = _balanced(tasks, settings, builder.dropped)
    if not balanced:
        told = ", ".join(f"{count} {reason}" for reason, count in sorted(builder.dropped.items()))
        raise ValueError(
            f"no balanced set of kind {settings.kind.value!r} can be made: {told or 'no problems'}"
        )
    return Built(tasks=balanced, dropped=builder.dropped, programs=builder.judged)


@dataclass(frozen=True, kw_only=True)
class _Draft:
    """A task without an order of its candidates: the right one first."""

    pool: ProgramPool
    bucket: Bucket
    candidates: tuple[Candidate, ...]
    number: int

    @property
    def task_id(self) -> str:
        return f"{self.pool.problem.id}--{len(self.candidates)}-{self.number}"


class _Builder:
    """Collects drafts until every bucket is full."""

    def __init__(self, judge: JudgePool, settings: BuildSettings) -> None:
        self._judge = judge
        self._settings = settings
        self._drafts: list[_Draft] = []
        self._filled: Counter[Bucket] = Counter()
        self.dropped: Counter[str] = Counter()
        self.judged = 0

    @property
    def full(self) -> bool:
        return not self._open()

    def _open(self) -> list[Bucket]:
        settings = self._settings
        buckets = [
            (size, longer) for size in settings.sizes for longer in range(size - settings.places(size), size)
        ]
        return [each for each in buckets if self._filled[each] < settings.room(each[0])]

    def add(self, pool: ProgramPool) -> None:
        """Judge the programs of a problem and make its tasks."""
        settings = self._settings
        if (
            settings.kind is VerificationKind.HELDOUT
            and pool.spec.startswith("families/")
            and not pool.held_out
        ):
            self.dropped["problem is not held out"] += 1
            return
        known = self._candidates(pool)
        right = [each for each in known if each.right]
        wrong = [each for each in known if self._eligible(each)]
        if not right or not wrong:
            self.dropped["problem without a right and a fitting wrong program"] += 1
            return
        rng = random.Random(f"verification: {settings.seed} {pool.problem.id}")
        made: set[frozenset[str]] = set()
        for _ in range(settings.per_problem):
            draft = self._draft(pool, right, wrong, rng, made)
            if draft is None:
                continue
            made.add(frozenset(each.source for each in draft.candidates))
            self._drafts.append(draft)
            self._filled[draft.bucket] += 1
        if not made:
            self.dropped["problem whose programs fit no open place"] += 1

    def _candidates(self, pool: ProgramPool) -> list[Candidate]:
        programs = [(each.source, each.language) for each in pool.programs]
        found = judge_programs(self._judge, pool.problem, programs)
        self.judged += len(programs)
        kept = []
        for program, judgement in zip(pool.programs, found, strict=True):
            if not isinstance(judgement, Judgement):
                self.dropped["program without a verdict"] += 1
            elif not judgement.runs:
                self.dropped["program does not compile"] += 1
            else:
                kept.append(_candidate(program.source, program.language, program.origin, judgement))
        return kept

    def _eligible(self, each: Candidate) -> bool:
        if each.right:
            return False
        kind, rate = self._settings.kind, each.pass_rate
        if kind is VerificationKind.EASY:
            return rate < EASY_BELOW
        return kind is not VerificationKind.HARD or HARD_RATES[0] <= rate <= HARD_RATES[1]

    def _draft(
        self,
        pool: ProgramPool,
        right: Sequence[Candidate],
        wrong: Sequence[Candidate],
        rng: random.Random,
        made: set[frozenset[str]],
    ) -> _Draft | None:
        """Return a task of the emptiest bucket that these programs can fill; None if there is none."""
        best = rng.choice(right)
        others = [each for each in wrong if each.language == best.language]
        longer = [each for each in others if len(each.source) > len(best.source)]
        shorter = [each for each in others if len(each.source) < len(best.source)]
        buckets = self._open()
        rng.shuffle(buckets)
        buckets.sort(key=lambda each: self._filled[each] / self._settings.room(each[0]))
        for size, above in buckets:
            if self._settings.kind is VerificationKind.ADV:
                chosen = self._deceptive(pool, best, others, size, rng)
            elif len(longer) < above or len(shorter) < size - 1 - above:
                continue
            else:
                chosen = None
                for _ in range(_TRIES):
                    picked = [*rng.sample(longer, above), *rng.sample(shorter, size - 1 - above)]
                    if frozenset(each.source for each in (best, *picked)) not in made:
                        chosen = picked
                        break
            if chosen is not None and frozenset(each.source for each in (best, *chosen)) not in made:
                candidates = (best, *chosen)
                return _Draft(pool=pool, bucket=(size, above), candidates=candidates, number=len(made) + 1)
        return None

    def _deceptive(
        self,
        pool: ProgramPool,
        best: Candidate,
        others: Sequence[Candidate],
        size: int,
        rng: random.Random,
    ) -> list[Candidate] | None:
        """Return edited wrong candidates, at least one of them longer than the right one."""
        if len(others) < size - 1:
            return None
        picked, edited = rng.sample(list(others), size - 1), []
        for each in picked:
            names = sorted(EDITS)
            rng.shuffle(names)
            for name in names:
                text = EDITS[name](each.source, each.language, rng)
                if text is not None and text != each.source:
                    edited.append(replace(each, source=text, edit=name))
                    break
        longer = sum(len(each.source) > len(best.source) for each in edited)
        if len(edited) < size - 1 or longer < 1 or not self._keep_behaviour(pool, picked, edited):
            return None
        return edited

    def _keep_behaviour(
        self, pool: ProgramPool, before: Sequence[Candidate], after: Sequence[Candidate]
    ) -> bool:
        programs = [(each.source, Language(each.language)) for each in after]
        found = judge_programs(self._judge, pool.problem, programs)
        self.judged += len(programs)
        for old, judgement in zip(before, found, strict=True):
            if not isinstance(judgement, Judgement) or judgement.passed != old.passed:
                self.dropped["edit that changes the verdict"] += 1
                return False
        return True

    def proved(self) -> list[_Draft]:
        """Return the drafts whose labels a second judgement of every program confirms."""
        tasks = [_task(draft, draft.candidates, self._settings) for draft in self._drafts]
        problems = {draft.pool.spec: draft.pool.problem for draft in self._drafts}
        wrong = {each.task for each in prove_labels(tasks, self._judge, problems.__getitem__)}
        if wrong:
            self.dropped["task with a label that was not found again"] += len(wrong)
        self.judged += sum(len(task.candidates) for task in tasks)
        return [draft for draft in self._drafts if draft.task_id not in wrong]


def _candidate(source: str, language: Language, origin: str, judgement: Judgement) -> Candidate:
    return Candidate(
        source=source,
        language=language.value,
        passed=judgement.passed,
        selected=judgement.selected,
        origin=origin,
    )


def _balanced(
    drafts: Sequence[_Draft], settings: BuildSettings, dropped: Counter[str]
) -> tuple[VerificationTask, ...]:
    """Keep equally many tasks of every rank, and put the right candidates at all places equally often."""
    rng = random.Random(f"verification: order {settings.seed}")
    tasks: list[VerificationTask] = []
    for size in settings.sizes:
        own = [draft for draft in drafts if draft.bucket[0] == size]
        ranks = sorted({draft.bucket[1] for draft in own})
        by_rank = {rank: [draft for draft in own if draft.bucket[1] == rank] for rank in ranks}
        places = settings.places(size)
        kept = min((len(each) for each in by_rank.values()), default=0) if len(ranks) == places else 0
        chosen = [draft for rank in ranks for draft in by_rank[rank][:kept]]
        if len(own) > len(chosen):
            dropped["task beyond the balance of lengths"] += len(own) - len(chosen)
        for turn, draft in enumerate(chosen):
            place = turn % places + size - places
            others = rng.sample(draft.candidates[1:], size - 1)
            ordered = (*others[:place], draft.candidates[0], *others[place:])
            tasks.append(_task(draft, ordered, settings))
    rng.shuffle(tasks)
    return tuple(tasks)


def _task(draft: _Draft, candidates: Sequence[Candidate], settings: BuildSettings) -> VerificationTask:
    pool = draft.pool
    language = Language(draft.candidates[0].language)
    heading, _, text = task_text(pool.problem, language).partition("\n")
    return VerificationTask(
        id=draft.task_id,
        kind=settings.kind,
        problem_spec=pool.spec,
        title=heading.removeprefix("# "),
        statement=text.strip(),
        candidates=tuple(candidates),
        difficulty=pool.problem.difficulty,
        prompt=pool.prompt,
    )
