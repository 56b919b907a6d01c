"""The ordinary problem that a proposal, its computed outputs and the student's attempts make up."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

from ..model import (
    Checker,
    Comparison,
    Difficulty,
    Functional,
    Label,
    LabelledSubmission,
    Limits,
    Problem,
)
from ..testset import Testset
from .bins import BROAD_BINS, DIFFICULTIES, Band, bin_of
from .proposal import NAME, Form, Proposal

SOURCE = "synthesis"
SAMPLES = 2
TIME_LIMIT_S = 4.0


@dataclass(frozen=True, kw_only=True)
class Lineage:
    """Where a problem comes from; all of it is in the metadata of the problem."""

    teacher: str
    """Name and digest of the teacher."""
    student: str
    """Name and digest of the student."""
    seed: str
    """Name of the seed."""
    lineage: int
    """Number of the lineage, which is the place of the seed among the seeds."""
    turn: int
    """Number of the turn of the conversation, from 0."""
    parent: str
    """Id of the problem of the lineage before this one that has a pass rate; empty for the first."""


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """A valid attempt of the student."""

    label: Label | None
    """What its verdict shows; None for a reply without code, or a verdict without a label."""
    source: bytes = field(repr=False)
    digest: str
    """Digest of the attempt's record."""


def assemble(
    proposal: Proposal,
    outputs: Sequence[str],
    *,
    problem_id: str,
    lineage: Lineage,
    attempts: Sequence[Attempt] = (),
    band: Band | None = None,
) -> Problem:
    """Make the problem of a proposal.

    The first solved attempt that differs from the teacher's code is the second reference, and the first
    failed attempt of each kind is a labelled wrong program.

    Args:
        proposal: The proposal.
        outputs: Computed outputs, one per input: JSON texts, or what a program printed.
        problem_id: Id of the problem.
        lineage: Where the problem comes from.
        attempts: The student's valid attempts; without any, the problem has no pass rate.
        band: Level of a chain; otherwise the broad bin of the pass rate.
    """
    is_function = proposal.form is Form.FUNCTION
    pairs = [
        (proposal.stdin(place), output.encode() + (b"\n" if is_function else b""))
        for place, output in enumerate(outputs)
    ]
    solved = sum(attempt.label is Label.ACCEPTED for attempt in attempts)
    rate = solved / len(attempts) if attempts else None
    found = band or (None if rate is None else bin_of(rate, BROAD_BINS))
    return Problem(
        id=problem_id,
        title=proposal.title,
        statement=f"{proposal.statement.strip()}\n",
        tests=Testset.inline(pairs),
        samples=Testset.inline(sorted(pairs, key=lambda pair: len(pair[0]))[:SAMPLES], prefix="sample/"),
        limits=Limits(time_s=TIME_LIMIT_S, memory_mib=256, cost=proposal.cost),
        checker=Checker(comparison=Comparison.JSON if is_function else Comparison.TOKENS),
        difficulty=None if found is None else _difficulty(found),
        functional=Functional(method=NAME) if is_function else None,
        starter_code=_starter(proposal) if is_function else "",
        source=SOURCE,
        submissions=_submissions(proposal, attempts),
        metadata=_metadata(proposal, lineage, attempts, rate, found, is_chain=band is not None),
    )


def reference_source(proposal: Proposal) -> bytes:
    """Return the teacher's code as a submission."""
    code = proposal.code.rstrip() + "\n"
    if proposal.form is Form.FUNCTION:
        code += f"\n\nclass Solution:\n    {NAME} = staticmethod({NAME})\n"
    return code.encode()


def _difficulty(band: Band) -> Difficulty | None:
    """Return the difficulty that a bin is called after; the bin easy-medium is between two of them."""
    return DIFFICULTIES.get(band.name)


def _starter(proposal: Proposal) -> str:
    return f"class Solution:\n    def {NAME}(self, {', '.join(proposal.parameters)}):\n        "


def _submissions(proposal: Proposal, attempts: Sequence[Attempt]) -> tuple[LabelledSubmission, ...]:
    reference = reference_source(proposal)
    found = [LabelledSubmission(name="reference.py", label=Label.ACCEPTED, source=reference)]
    for label in Label:
        sources = (each.source for each in attempts if each.label is label and each.source != reference)
        source = next(sources, None)
        if source is not None:
            found.append(LabelledSubmission(name="attempt.py", label=label, source=source))
    return tuple(found)


def _metadata(
    proposal: Proposal,
    lineage: Lineage,
    attempts: Sequence[Attempt],
    rate: float | None,
    band: Band | None,
    *,
    is_chain: bool,
) -> dict[str, str]:
    solved = sum(attempt.label is Label.ACCEPTED for attempt in attempts)
    digests = hashlib.sha256("\n".join(attempt.digest for attempt in attempts).encode()).hexdigest()
    return {
        "teacher": lineage.teacher,
        "student": lineage.student,
        "seed": lineage.seed,
        "lineage": str(lineage.lineage),
        "turn": str(lineage.turn),
        "parent": lineage.parent,
        "form": proposal.form.value,
    } | (
        {}
        if rate is None
        else {
            "attempts": str(len(attempts)),
            "solved": str(solved),
            "pass_rate": f"{rate:.6f}",
            "attempts_digest": digests,
            "bin": "" if band is None else band.name,
        }
        | ({"chain": f"chain-{lineage.lineage:06d}"} if is_chain else {})
    )
