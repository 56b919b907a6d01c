"""Synthesis with the scripted teacher and the lab's small model as student."""

from __future__ import annotations

from pathlib import Path

from ....agents import ModelOptions, agent_factory
from ....agents.synthesis.run import synthesize
from ....agents.synthesis.seeds import open_seeds
from ....agents.synthesis.settings import RunOptions, SynthesisSettings
from ....agents.synthesis.students import StudentSettings
from ....agents.synthesis.summary import Summary
from ....agents.synthesis.teachers import FamiliesTeacher
from ....problems.synthesis import KEPT, Band
from ..methods.experiment import RunTask
from ..methods.starts import plain_start

TARGET = Band(name="medium", low=0.26, high=0.61)
"""What the teacher is asked for: the bin medium of the paper, which is high for this student."""
ANY = Band(name="kept", low=0.0, high=1.0)
_AT_A_TIME = 64
_FEWEST_STEPS = 100
"""With fewer supervised steps, as in a quick check, the student solves nothing, and every problem is kept."""


def synthesized(
    task: RunTask, out: Path, *, seeds: int, turns: int, attempts: int, order: int, single_turn: bool = False
) -> Summary:
    """Synthesize problems with the common start as student; what is in the folder is not made again.

    Args:
        task: The run.
        out: Folder of the synthesis.
        seeds: Number of seeds: specs of the training split.
        turns: Requests on each seed.
        attempts: Attempts of the student at each problem.
        order: Seed of the order of the specs, and of the student's sampling.
        single_turn: Whether each request stands alone.
    """
    options = ModelOptions(max_completion_tokens=task.scale.reply_tokens, model_seed=order)
    return synthesize(
        open_seeds((f"families:train:{seeds}:{order}",)),
        teacher=FamiliesTeacher(),
        student=agent_factory(f"policy:{plain_start(task)}", options),
        out=out,
        settings=SynthesisSettings(
            turns=turns,
            single_turn=single_turn,
            target=TARGET,
            kept=KEPT if task.scale.sft_steps >= _FEWEST_STEPS else ANY,
            at_once=seeds,
            student=StudentSettings(attempts=attempts),
        ),
        options=RunOptions(workers=_AT_A_TIME),
    )
