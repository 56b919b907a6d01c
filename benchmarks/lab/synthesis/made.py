"""Synthesis with the scripted teacher and the lab's small model as student."""

from __future__ import annotations

import random
from pathlib import Path

from ....agents import (
    AgentAction,
    AgentFactory,
    AgentIdentity,
    ModelOptions,
    TaskInfo,
    agent_factory,
)
from ....agents.synthesis import (
    RunOptions,
    StudentSettings,
    Summary,
    SynthesisSettings,
    open_seeds,
    synthesize,
)
from ....agents.synthesis.teachers import FamiliesTeacher
from ....judge import Language
from ....problems import Problem
from ....problems.synthesis import KEPT, Band
from ..methods.experiment import RunTask
from ..methods.starts import plain_start

RESULTS = Path(__file__).with_name("results")
"""Folder of the results that the documentation shows."""
TARGET = Band(name="medium", low=0.26, high=0.61)
"""What the teacher is asked for: the bin medium of the paper, which is high for this student."""
ANY = Band(name="kept", low=0.0, high=1.0)
LONGEST_EASY, LONGEST_SOLVED = 40, 50
"""Words of programs: the length student always solves up to the first, and never from the second. Half of the
references have 56 words or more."""
_AT_A_TIME = 64
_FEWEST_STEPS = 100
"""With fewer supervised steps, as in a quick check, the student solves nothing, and every problem is kept."""


class LengthStudent:
    """A student whose pass rate falls with the length of the reference program, from 1 to 0.

    It knows the program, and prints nothing instead in some attempts. With it, the difficulty of a problem is
    exactly what the scripted teacher changes.
    """

    identity = AgentIdentity(name="length student", kind="scripted")

    def obstacle(self, problem: Problem, language: Language) -> str | None:
        """Return None: it can try every problem."""
        return None

    def make(self) -> LengthAgent:
        """Make the agent of an attempt."""
        return LengthAgent()


class LengthAgent:
    """Plays an attempt of the length student."""

    identity = LengthStudent.identity

    def start(self, task: TaskInfo) -> None:
        """Decide by problem and sample whether the attempt solves the problem."""
        assert task.problem is not None
        program = task.problem.submissions[0].source.decode()
        rate = (LONGEST_SOLVED - len(program.split())) / (LONGEST_SOLVED - LONGEST_EASY)
        draw = random.Random(f"{task.problem.digest()} {task.sample}").random()
        self._program = program if draw < rate else "pass"

    def act(self, observation: str) -> AgentAction:
        """Submit the program."""
        text = f"```python\n{self._program}\n```"
        return AgentAction(action=text, messages=({"role": "assistant", "content": text},))

    def close(self) -> None:
        """Hold nothing."""


def synthesized(
    task: RunTask,
    out: Path,
    seeds: str,
    *,
    turns: int,
    attempts: int,
    single_turn: bool = False,
    student: AgentFactory | None = None,
) -> Summary:
    """Synthesize problems; what is in the folder is not made again.

    Args:
        task: The run.
        out: Folder of the synthesis.
        seeds: Name of the seeds, `families:SPLIT:COUNT:SEED`; the sampling of the student has this seed too.
        turns: Requests on each seed.
        attempts: Attempts of the student at each problem.
        single_turn: Whether each request stands alone.
        student: Makes the student; the common start unless given.
    """
    count, order = map(int, seeds.split(":")[2:])
    if student is None:
        options = ModelOptions(max_completion_tokens=task.scale.reply_tokens, model_seed=order)
        student = agent_factory(f"policy:{plain_start(task)}", options)
    return synthesize(
        open_seeds((seeds,)),
        teacher=FamiliesTeacher(),
        student=student,
        out=out,
        settings=SynthesisSettings(
            turns=turns,
            single_turn=single_turn,
            target=TARGET,
            kept=KEPT if task.scale.sft_steps >= _FEWEST_STEPS else ANY,
            at_once=count,
            student=StudentSettings(attempts=attempts),
        ),
        options=RunOptions(workers=_AT_A_TIME),
    )
