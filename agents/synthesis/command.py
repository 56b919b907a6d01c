"""The command `codefrontier problems synthesize`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal, Self

import tyro
from rich.console import Console
from tyro.conf import OmitArgPrefixes, Suppress, UseAppendAction

from ...judge import JudgeError
from ...problems import ProblemError
from ...problems.synthesis import KEPT, LONGEST_REPLY, MEDIUM, Band
from ...problems.synthesis.duplicates import SIMILARITY
from ...system.stopping import stopped_by_sigterm
from ...terminal import INTERRUPTED, ProgressLines, fail, print_json
from ..engine import RunStoppedError
from ..errors import AgentError
from ..factory import agent_factory
from ..llm.options import ModelOptions
from ..records.lines import RecordError
from .problem_store import PROBLEMS
from .run import synthesize
from .seeds import open_seeds
from .settings import Budget, RunOptions, SynthesisSettings
from .students import StudentSettings
from .summary import Summary
from .teachers import make_teacher

_TEACHER = "--teacher."


@dataclass(frozen=True, kw_only=True)
class SynthesizeCommand:
    """Let a teacher write problems whose difficulty a student's pass rate steers.

    Every seed begins a conversation: the teacher writes a problem, its code is run in the sandbox, the
    student attempts it, and the teacher is told the pass rate. Sound problems within the pass rates are
    written to `OUT/problems`. The same command continues a run that was killed; no reply and no attempt is
    lost or made twice. Options of the student's model are flags such as `--api-base`; those of the teacher's
    model are `--teacher.api-base` and so on. The exit status is 0 when all seeds are done or the budget is
    spent, and 2 when teacher, student or judge cannot go on.
    """

    out: Path
    """Folder of the run: `problems`, `journal.jsonl` and `records.jsonl`."""
    seeds: UseAppendAction[tuple[str, ...]] = ()
    """Where the conversations begin: `records:RUN` (accepted programs), `folder:PATH` (snippets of source
    files), or `families:SPLIT:COUNT:SEED`; may be repeated."""
    teacher: str = "scripted:families"
    """Who writes the problems: `litellm:<model>`, `policy:<path>`, or `scripted:families`, which mutates
    specs of the micro families."""
    student: str
    """Agent that attempts the problems, for example `litellm:<model>` or `policy:<path>`."""
    attempts: int = 32
    """Attempts of the student at each problem."""
    mode: Literal["single", "tool", "agentic"] = "single"
    """Mode of the environment in which the student plays."""
    turns: int = 6
    """Requests to the teacher on each seed."""
    single_turn: bool = False
    """Let each request stand alone, without pass rates and earlier problems; a control."""
    chains: bool = False
    """Build chains of a hard, a medium and an easy problem, in this order."""
    target: tuple[float, float] = (MEDIUM.low, MEDIUM.high)
    """Lowest and highest pass rate that the teacher is asked for; chains have targets of their own."""
    keep: tuple[float, float] = (KEPT.low, KEPT.high)
    """Lowest and highest pass rate of problems that are kept."""
    similarity: float = SIMILARITY
    """Share of equal word sequences from which two statements are the same, in (0, 1]."""
    longest_reply: int = LONGEST_REPLY
    """Most characters of a reply of the teacher."""
    at_once: int = 8
    """Seeds on which the teacher works at a time."""
    seed: int = 0
    """Seed of the snippets and of the attempts."""
    max_tokens: int | None = None
    """Budget of the whole run: tokens of teacher and student."""
    max_cost: float | None = None
    """Budget of the whole run: US dollars, for models with a price."""
    max_seconds: float | None = None
    """Budget of the whole run: wall seconds."""
    teacher_calls: int = 4
    """Requests to the teacher at a time."""
    workers: int = 2
    """Attempts at a time. Policies sample them as one batch; there is at most one sandbox per processor."""
    sandbox: Literal["embedded", "docker"] = "embedded"
    """Where code of the teacher and of the student runs."""
    teacher_options: Suppress[ModelOptions] = field(default_factory=ModelOptions)
    """Options of the teacher's model: `--teacher.FIELD` for each option of the student's model `--FIELD`."""
    student_options: OmitArgPrefixes[ModelOptions] = field(default_factory=ModelOptions)
    """Options of the student's model."""
    json: bool = False
    """Print one JSON object instead of text."""

    def run(self) -> int:
        """Synthesize, print the yield, and return the exit status."""
        try:
            with stopped_by_sigterm():
                summary = self._synthesize()
        except (AgentError, JudgeError, ProblemError, RecordError, ValueError, OSError) as error:
            if isinstance(error, RunStoppedError):
                fail(f"{error}; the same command continues the run")
                return INTERRUPTED
            return fail(error, self)
        except KeyboardInterrupt:
            fail("stopped; the same command continues the run")
            return INTERRUPTED
        if self.json:
            print_json({"problems": self.out / PROBLEMS, **summary.document()})
        else:
            print_summary(summary, self.out / PROBLEMS)
        return 0

    @classmethod
    def parse(cls, words: Sequence[str], *, prog: str) -> Self:
        """Read a command line, where `--teacher.FIELD` stands for an option of the teacher's model."""
        own, of_teacher = _split(words)
        options = tyro.cli(ModelOptions, prog=f"{prog} (options of the teacher)", args=of_teacher)
        command = tyro.cli(cls, prog=prog, args=own, config=(tyro.conf.OmitArgPrefixes,))
        return replace(command, teacher_options=options)

    def _synthesize(self) -> Summary:
        settings = SynthesisSettings(
            turns=self.turns,
            single_turn=self.single_turn,
            chains=self.chains,
            target=Band(name="target", low=self.target[0], high=self.target[1]),
            kept=Band(name="kept", low=self.keep[0], high=self.keep[1]),
            at_once=self.at_once,
            similarity=self.similarity,
            longest_reply=self.longest_reply,
            student=StudentSettings(attempts=self.attempts, mode=self.mode, seed=self.seed),
        )
        options = RunOptions(
            budget=Budget(
                max_tokens=self.max_tokens, max_cost_usd=self.max_cost, max_seconds=self.max_seconds
            ),
            sandbox=self.sandbox,
            teacher_calls=self.teacher_calls,
            workers=self.workers,
        )
        seeds = open_seeds(self.seeds, seed=self.seed)
        return synthesize(
            seeds,
            teacher=make_teacher(self.teacher, self.teacher_options),
            student=agent_factory(self.student, self.student_options),
            out=self.out,
            settings=settings,
            options=options,
            on_progress=_Progress().show,
        )


def _split(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the words without the options of the teacher, and these without their prefix."""
    own: list[str] = []
    of_teacher: list[str] = []
    taken = own
    for word in words:
        if word.startswith("--"):
            taken = of_teacher if word.startswith(_TEACHER) else own
        taken.append(f"--{word.removeprefix(_TEACHER)}" if word.startswith(_TEACHER) else word)
    return own, of_teacher


class _Progress:
    """The line of progress on standard error: rewritten on a terminal, now and then elsewhere."""

    def __init__(self) -> None:
        self._console = Console(stderr=True)
        self._lines = ProgressLines(self._console)

    def show(self, summary: Summary) -> None:
        """Show the counts so far."""
        line = (
            f"{summary.seeds} seeds, {summary.requests} requests, {summary.attempts} attempts, "
            f"{summary.measured} measured, {summary.kept} kept"
        )
        if self._console.is_terminal:
            self._console.print(line, end="\r", markup=False, highlight=False)
        else:
            self._lines.print(line)


def print_summary(summary: Summary, problems: Path) -> None:
    """Print the yield funnel as text."""
    console = Console(markup=False, highlight=False, soft_wrap=True)
    say = console.print
    say(f"{problems}: {summary.kept} problems from {summary.requests} requests on {summary.seeds} seeds")
    rows = [
        ("requests to the teacher", summary.requests),
        *((f"  rejected: {reason.replace('_', ' ')}", count) for reason, count in summary.rejected.items()),
        ("problems with a pass rate", summary.measured),
        ("problems kept", summary.kept),
        *((f"  {name}", count) for name, count in sorted(summary.bins.items())),
        *([("complete chains", summary.chains)] if summary.chains else []),
    ]
    for name, count in rows:
        say(f"  {name:<40}{count:>7,}")
    if summary.invalid_attempts:
        say(f"  {summary.invalid_attempts:,} of {summary.attempts:,} attempts failed and do not count")
    if summary.repeated_requests:
        say(f"  {summary.repeated_requests} requests were made again after a crash")
    if summary.missing:
        say(f"  {len(summary.missing)} kept problems have no folder any more, such as {summary.missing[0]}")
    if summary.stopped:
        say(f"  stopped at the limit {summary.stopped}; the same command with a larger one continues")
