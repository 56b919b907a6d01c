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
_FEWEST_ATTEMPTS = 8
"""With fewer attempts, as in a quick check, a rate means nothing and every problem is kept."""


def synthesized(
    task: RunTask, out: Path, *, seeds: int, turns: int, order: int, single_turn: bool = False
) -> Summary:
    """Synthesize problems with the common start as student; what is in the folder is not made again.

    Args:
        task: The run; its number of samples is that of the attempts.
        out: Folder of the synthesis.
        seeds: Number of seeds: specs of the training split.
        turns: Requests on each seed.
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
            kept=KEPT if task.scale.samples >= _FEWEST_ATTEMPTS else ANY,
            at_once=seeds,
            student=StudentSettings(attempts=task.scale.samples),
        ),
        options=RunOptions(workers=_AT_A_TIME),
    )
