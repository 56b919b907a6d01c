"""Yield of synthesis: do conversations give more valid problems than single requests?

    python -m codefrontier.benchmarks.lab.synthesis.yields --out FOLDER

Both arms make equally many requests to the same scripted teacher on the same seeds, with the same filters;
in the arm `single-turn` each request has the seed and the target only. Sizes of the scale mean here:
`prompts` is the number of seeds, `steps` the number of requests on each, `samples` the number of attempts.
"""

from __future__ import annotations

from ....problems.synthesis import Reject
from ..methods.command import main
from ..methods.experiment import Comparison, Experiment, Outcome, RunTask, Scale, Statement
from .made import LengthStudent, synthesized

STATEMENT = Statement(
    method="Multi-turn synthesis (2603.24202)",
    claim="Of problems that a teacher writes in conversations about pass rates, more than four times as many "
    "survive the filters as of problems from single requests.",
    metric="Problems in the requested bin, of pass rates from 0.26 to 0.61, per request to the teacher; and "
    "problems that survive all filters, of pass rates from 0.01 to 0.97.",
    control="Single requests: the same seeds, numbers of requests, teacher, student and filters.",
    expectation="More problems in the requested bin, as the teacher climbs towards it. No difference in what "
    "survives the filters: the start solves 2 to 31 percent of nearly every cell, so that single requests "
    "survive too, and a factor of four is out of reach.",
    comparisons=(
        Comparison(
            metric="in bin per request",
            arm="multi-turn",
            control="single-turn",
            expected="above",
            margin=0.05,
        ),
        Comparison(
            metric="kept per request", arm="multi-turn", control="single-turn", expected="above", margin=0.1
        ),
        Comparison(
            metric="mean pass rate", arm="multi-turn", control="single-turn", expected="above", margin=0.02
        ),
    ),
)


CONTROLS = ("multi-turn, length student", "single-turn, length student")
"""Arms of a positive control, added after the runs of the other arms: for this student, the difficulty of a
problem is what the teacher changes. They run only when named, and no finding is about them."""


def run(task: RunTask) -> Outcome:
    """Synthesize with a seed and count what is left."""
    summary = synthesized(
        task,
        task.folder,
        f"families:train:{task.scale.prompts}:{task.seed}",
        turns=task.scale.steps,
        attempts=task.scale.samples,
        single_turn=task.arm.startswith("single-turn"),
        student=LengthStudent() if task.arm in CONTROLS else None,
    )
    requests = max(1, summary.requests)
    return Outcome(
        metrics={
            "in bin per request": summary.bins.get("medium", 0) / requests,
            "kept per request": summary.kept / requests,
            "mean pass rate": summary.mean_rate,
            "requests": requests,
            "measured": summary.measured,
            "kept": summary.kept,
            **{f"rejected: {reason}": summary.rejected.get(reason.value, 0) for reason in Reject},
        }
    )


EXPERIMENT = Experiment(
    name="yields",
    statement=STATEMENT,
    arms=("multi-turn", "single-turn"),
    run=run,
    calibration_arms=CONTROLS,
    scale=Scale(steps=5, prompts=4, samples=32),
)

if __name__ == "__main__":
    main(EXPERIMENT)
