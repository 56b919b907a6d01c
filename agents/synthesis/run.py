"""A synthesis from its specs: agents, judge, folder."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path

from ...judge import Judge
from ...judge.doctor.programs import ProblemPrograms
from ...system import lock_folder
from ..agent import AgentFactory, AgentIdentity
from .conversation import PROMPTS_DIGEST
from .journal import Journal
from .loop import Synthesis, Tools
from .problem_store import ProblemStore
from .seeds import Seeds
from .settings import RunOptions, SynthesisSettings, check_config
from .students import Student
from .summary import Summary
from .teachers import Teacher

JOURNAL = "journal.jsonl"


def synthesize(
    seeds: Seeds,
    *,
    teacher: Teacher,
    student: AgentFactory,
    out: Path,
    settings: SynthesisSettings | None = None,
    options: RunOptions | None = None,
    on_progress: Callable[[Summary], None] = lambda summary: None,
) -> Summary:
    """Synthesize problems into a folder, or continue the synthesis there.

    The set is `OUT/problems`, in the ordinary on-disk form. `OUT/journal.jsonl` has every request and
    decision, and `OUT/records.jsonl` every attempt.

    Args:
        seeds: Where the conversations with the teacher begin; the same ones for a resumed run.
        teacher: Writes the problems.
        student: Makes the agents that attempt them.
        out: Folder of the run.
        settings: How problems are synthesized.
        options: Budget, sandbox and what runs at a time; a resumed run may have others.
        on_progress: Called with the counts so far, after each turn and once per second of the attempts.

    Raises:
        AgentError: The folder has another run, or teacher or student cannot go on.
        JudgeError: The judge failed; what was decided before is kept.
        RecordError: The records are damaged.
        OSError: The folder cannot be written.
    """
    chosen, how = settings or SynthesisSettings(), options or RunOptions()
    out.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        stack.enter_context(lock_folder(out, "codefrontier problems synthesize"))
        check_config(out, identity_of(teacher.identity, student.identity, chosen, seeds.names))
        journal = stack.enter_context(Journal(out / JOURNAL))
        judge = stack.enter_context(Judge(workers=min(how.workers, os.cpu_count() or 1), sandbox=how.sandbox))
        _ = judge.identity  # raises JudgeError before any request if no sandbox starts
        tools = Tools(
            teacher=teacher,
            student=stack.enter_context(
                Student(
                    student,
                    judge,
                    out,
                    chosen.student,
                    workers=how.workers,
                    done={str(event["problem"]) for event in journal.events("ended")},
                )
            ),
            judge=judge,
            programs=stack.enter_context(ProblemPrograms(how.sandbox)),
            journal=journal,
            store=ProblemStore(folder=out),
            names=(_name(teacher.identity), _name(student.identity)),
        )
        return Synthesis(tools, chosen, how, on_progress=on_progress).run(seeds.seeds)


def identity_of(
    teacher: AgentIdentity, student: AgentIdentity, settings: SynthesisSettings, seeds: tuple[str, ...]
) -> dict[str, object]:
    """Return what decides the result of a run, as JSON values."""
    return {
        "teacher": _name(teacher),
        "student": _name(student),
        "prompts": PROMPTS_DIGEST,
        "seeds": list(seeds),
        "settings": asdict(settings),
    }


def _name(identity: AgentIdentity) -> str:
    return f"{identity.name} {identity.digest[:16]}"
