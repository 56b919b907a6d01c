"""The loop of a synthesis: teacher, sandbox, student, and the pass rate that goes back to the teacher.

All seeds of a group advance turn by turn together. In each turn the stages run one after the other: the
replies of the teacher, the outputs and the duplicates in the order of the seeds, the attempts of the student
at all problems of the turn, and what becomes of each problem. Every result is in the journal before anything
depends on it. A resumed run goes through the same stages and takes from the journal what is there.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from itertools import islice
from typing import Any

from ...judge import Judge
from ...judge.doctor import ProblemStatus, examine
from ...judge.doctor.programs import ProblemPrograms
from ...problems import Label, Problem
from ...problems.synthesis import (
    Attempt,
    DuplicateIndex,
    Lineage,
    Proposal,
    ProposalError,
    Reject,
    Seed,
    assemble,
    bin_of,
    parse_proposal,
)
from ..agent import Usage
from ..errors import ContextWindowError, ModelError, ModelFailure
from ..records.record import EpisodeRecord
from .conversation import Measured
from .execution import Executed, check_reference, execute_proposal
from .journal import Event, Journal
from .lineages import KEPT, MEMBER, LineageState
from .problem_store import ProblemStore
from .settings import RunOptions, SynthesisSettings
from .students import Student, attempts_of
from .summary import Summary, kept_ids, summarise, teacher_usage
from .teachers import Teacher

_ANSWERS = (ModelFailure.REFUSED, ModelFailure.BROKEN_REPLY)
"""Failures of a model that say something about the conversation; others say that the server is not there."""
_MOST_REFUSALS = 10


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A proposal that passed the filters before the student."""

    state: LineageState
    turn: int
    proposal: Proposal
    outputs: tuple[str, ...]
    problem: Problem


@dataclass(frozen=True, kw_only=True)
class Tools:
    """What a synthesis works with."""

    teacher: Teacher
    student: Student
    judge: Judge
    programs: ProblemPrograms
    journal: Journal
    store: ProblemStore
    names: tuple[str, str]
    """Names of teacher and student for the lineage of problems."""


class BudgetReachedError(Exception):
    """A limit of the budget is reached, so no further request begins."""


class Synthesis:
    """A synthesis in one folder.

    Args:
        tools: What it works with.
        settings: How problems are synthesized.
        options: The budget, and how many requests are made at a time.
        on_progress: Called with the counts so far after each turn of a group, and during the attempts once
            per second.
    """

    def __init__(
        self,
        tools: Tools,
        settings: SynthesisSettings,
        options: RunOptions,
        *,
        on_progress: Callable[[Summary], None] = lambda summary: None,
    ) -> None:
        self._tools = tools
        self._settings = settings
        self._options = options
        self._on_progress = on_progress
        self._index = DuplicateIndex(settings.similarity)
        self._earlier_s = max((float(e["seconds"]) for e in tools.journal.events("ended")), default=0.0)
        self._begin_s = self._reported_s = time.monotonic()
        self._spent = teacher_usage(tools.journal.events("answered"))
        self._lock = threading.Lock()
        self._refusals = 0
        self._connected = False
        self._stopped: str | None = None

    def run(self, seeds: Iterable[Seed]) -> Summary:
        """Synthesize problems from all seeds, or until the budget is spent.

        Raises:
            AgentError: The teacher or the student cannot be reached, or the run was stopped.
            JudgeError: The sandbox failed.
            OSError: The folder cannot be written.
        """
        numbered = iter(enumerate(seeds))
        try:
            while group := list(islice(numbered, self._settings.at_once)):
                states = [
                    LineageState(number=number, seed=seed, settings=self._settings) for number, seed in group
                ]
                for turn in range(self._settings.turns):
                    self._turn([state for state in states if not state.finished], turn)
                    self._on_progress(self.summary())
                self._prove()
        except BudgetReachedError as error:
            self._stopped = str(error)
            self._prove()
        missing = self._tools.store.missing(kept_ids(self._tools.journal))
        return replace(self.summary(), missing=tuple(missing))

    def summary(self) -> Summary:
        """Return what the run has made so far; whether all folders are there is not checked."""
        tools = self._tools
        return summarise(
            tools.journal,
            student_usage=tools.student.usage,
            attempts=(tools.student.episodes, tools.student.invalid),
            stopped=self._stopped,
        )

    def _turn(self, states: Sequence[LineageState], turn: int) -> None:
        """Take one turn of the conversations of a group."""
        self._ask(states, turn)
        candidates = [found for state in states if (found := self._examined(state, turn)) is not None]
        self._check_budget(needed=bool(candidates))
        played: Mapping[str, list[EpisodeRecord]] = {}
        if candidates:
            problems = [candidate.problem for candidate in candidates]
            played = self._tools.student.attempt(problems, self._report)
        for candidate in candidates:
            self._measured(candidate, attempts_of(played[candidate.problem.id]))

    def _report(self) -> None:
        """Tell the progress if a second has passed, as the counts take time to make."""
        if time.monotonic() - self._reported_s >= 1.0:
            self._on_progress(self.summary())
            self._reported_s = time.monotonic()

    def _ask(self, states: Sequence[LineageState], turn: int) -> None:
        """Get the replies of the teacher that are not in the journal."""
        owed = [state for state in states if self._tools.journal.find("answered", state.number, turn) is None]
        if owed and not self._connected:
            # Clients make their connections with the first request, and requests at the same time would each
            # make their own.
            self._request(owed.pop(0), turn)
            self._connected = True
        with ThreadPoolExecutor(self._options.teacher_calls) as pool:
            futures = [pool.submit(self._request, state, turn) for state in owed]
        failures = [error for future in futures if (error := future.exception()) is not None]
        if failures:
            raise failures[0]

    def _request(self, state: LineageState, turn: int) -> None:
        journal = self._tools.journal
        self._check_budget(needed=True)
        journal.append("asked", state.number, turn)
        try:
            reply = self._tools.teacher.reply(state.asked, sample=state.number * self._settings.turns + turn)
            text, usage, error, full = reply.text, reply.usage, "", False
            self._refusals = 0
        except (ModelError, ContextWindowError) as raised:
            full = isinstance(raised, ContextWindowError)
            self._refusals += not full
            lost = isinstance(raised, ModelError) and raised.kind not in _ANSWERS
            if lost or self._refusals >= _MOST_REFUSALS:
                raise
            text, usage, error = "", raised.usage, str(raised) or type(raised).__name__
        journal.append(
            "answered", state.number, turn, reply=text, error=error, full=full, usage=asdict(usage)
        )
        with self._lock:
            self._spent += usage

    def _examined(self, state: LineageState, turn: int) -> Candidate | None:
        """Apply the filters before the student; None if the turn has ended."""
        journal = self._tools.journal
        answered = journal.find("answered", state.number, turn)
        assert answered is not None
        executed = journal.find("executed", state.number, turn)
        proposal, found = self._executed(state, turn, answered, executed)
        if executed is None:
            reject = None if found.reject is None else found.reject.value
            details: dict[str, Any] = {"reject": reject, "message": found.message}
            if found.reject is None:
                details |= {"outputs": found.outputs, "shared": found.shared}
            journal.append("executed", state.number, turn, **details)
        if found.reject is not None or proposal is None:
            assert found.reject is not None
            self._end(state, turn, str(found.reject), message=found.message)
            state.finished = state.finished or bool(answered.get("full"))  # it can only get longer
            return None
        self._index.add(state.problem_id(turn), proposal, found.shared)
        ended = journal.find("ended", state.number, turn)
        if ended is not None:
            state.note(str(answered["reply"]), ended)
            return None
        return Candidate(
            state=state,
            turn=turn,
            proposal=proposal,
            outputs=found.outputs,
            problem=self._assemble(state, turn, proposal, found.outputs),
        )

    def _executed(
        self, state: LineageState, turn: int, answered: Event, executed: Event | None
    ) -> tuple[Proposal | None, Executed]:
        """Read a reply and compute its outputs, unless the journal has them."""
        if answered["error"]:
            return None, Executed(reject=Reject.NO_REPLY, message=str(answered["error"]))
        try:
            proposal = parse_proposal(str(answered["reply"]), longest=self._settings.longest_reply)
        except ProposalError as error:
            return None, Executed(reject=error.reject, message=str(error))
        if executed is not None and executed["reject"] is not None:
            return proposal, Executed(reject=Reject(executed["reject"]), message=str(executed["message"]))
        if executed is not None:
            return proposal, Executed(outputs=tuple(executed["outputs"]), shared=tuple(executed["shared"]))
        return proposal, self._filtered(state, turn, proposal)

    def _filtered(self, state: LineageState, turn: int, proposal: Proposal) -> Executed:
        if duplicate := self._index.find_static(proposal):
            return Executed(reject=duplicate[0], message=f"it is nearly {duplicate[1]}")
        found = execute_proposal(self._tools.judge, proposal, self._index.shared_inputs(proposal))
        if found.reject is not None:
            return found
        if duplicate := self._index.find_behaviour(proposal, found.shared):
            return Executed(reject=duplicate[0], message=f"it gives the outputs of {duplicate[1]}")
        problem = self._assemble(state, turn, proposal, found.outputs)
        return check_reference(self._tools.judge, problem) or found

    def _measured(self, candidate: Candidate, attempts: Sequence[Attempt]) -> None:
        """Decide what becomes of a problem that the student attempted."""
        state, turn = candidate.state, candidate.turn
        least = math.ceil(self._settings.valid_share * self._settings.student.attempts)
        if len(attempts) < least:
            message = f"{len(attempts)} attempts count, {least} are needed"
            self._end(state, turn, Reject.NO_RATE.value, message=message)
            return
        solved = sum(attempt.label is Label.ACCEPTED for attempt in attempts)
        measured = Measured(solved=solved, valid=len(attempts), attempts=attempts)
        problem = self._assemble(state, turn, candidate.proposal, candidate.outputs, attempts)
        reject = state.outcome_in_band(measured.rate)
        proof = ("", "")
        if reject is None:
            report = examine(problem, self._tools.judge, self._tools.programs)
            proof = (report.outcome.value, "; ".join(report.reasons)[:300])
            reject = Reject.DOCTOR if report.outcome is ProblemStatus.BROKEN else None
        outcome = reject.value if reject else (MEMBER if self._settings.chains else KEPT)
        if reject is None:
            self._put(state, problem)
        self._end(state, turn, outcome, measured=measured, message=proof[1], proof=proof)

    def _put(self, state: LineageState, problem: Problem) -> None:
        """Write a problem, and publish a chain that it completes, before the journal says so."""
        store = self._tools.store
        if not self._settings.chains:
            store.keep(problem)
            return
        store.hold(problem)
        if len(state.members) == 2:
            store.publish([*state.members, problem.id])

    def _end(
        self,
        state: LineageState,
        turn: int,
        outcome: str,
        *,
        measured: Measured | None = None,
        message: str = "",
        proof: tuple[str, str] = ("", ""),
    ) -> None:
        """Write the end of a turn into the journal, unless it is there, and tell the lineage."""
        journal = self._tools.journal
        answered = journal.find("answered", state.number, turn)
        ended = journal.find("ended", state.number, turn)
        if ended is None:
            rate = None if measured is None else measured.rate
            band = None if rate is None else (state.target if outcome == MEMBER else bin_of(rate))
            ended = journal.append(
                "ended",
                state.number,
                turn,
                outcome=outcome,
                problem=state.problem_id(turn),
                rate=rate,
                solved=measured and measured.solved,
                valid=measured and measured.valid,
                bin=None if band is None else band.name,
                why=message[:1000],
                proof=list(proof),
                message=state.message_after(measured, outcome, message),
                seconds=round(self._seconds, 3),
            )
        assert answered is not None
        state.note(str(answered["reply"]), ended)

    def _assemble(
        self,
        state: LineageState,
        turn: int,
        proposal: Proposal,
        outputs: Sequence[str],
        attempts: Sequence[Attempt] = (),
    ) -> Problem:
        teacher, student = self._tools.names
        return assemble(
            proposal,
            outputs,
            problem_id=state.problem_id(turn),
            lineage=Lineage(
                teacher=teacher,
                student=student,
                seed=state.seed.name,
                lineage=state.number,
                turn=turn,
                parent=state.parent,
            ),
            attempts=attempts,
            band=state.target if self._settings.chains and attempts else None,
        )

    @property
    def _seconds(self) -> float:
        return self._earlier_s + time.monotonic() - self._begin_s

    def _check_budget(self, *, needed: bool) -> None:
        usage: Usage = self._spent + self._tools.student.usage
        if needed and (limit := self._options.budget.reached(usage, self._seconds)):
            raise BudgetReachedError(limit)

    def _prove(self) -> None:
        """Write the results of the examinations of all problems of the set."""
        ids = kept_ids(self._tools.journal)
        kept = set(ids) - set(self._tools.store.missing(ids))
        events = [each for each in self._tools.journal.events("ended") if each["problem"] in kept]
        self._tools.store.prove({str(e["problem"]): (e["proof"][0], e["proof"][1]) for e in events})
