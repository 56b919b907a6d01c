"""Let a teacher write problems, measure them with a student, and look at what is kept.

    python examples/synthesize_problems.py

The teacher mutates problems of the Families; a model takes its place with `make_teacher("litellm:...")`. The
student here knows the solution and slips more often the longer the program is; any agent takes its place with
`agent_factory(...)`. Takes about five seconds.
"""

import random
import tempfile
from pathlib import Path

from codefrontier.agents import AgentAction, AgentIdentity, TaskInfo, synthesis
from codefrontier.judge import Language
from codefrontier.problems import Problem, load_problems


class Student:
    """Solves a problem, or slips: the longer the program, the more often."""

    identity = AgentIdentity(name="slipping", kind="scripted")

    def obstacle(self, problem: Problem, language: Language) -> None:
        """Return None: it can try every problem."""

    def make(self) -> "Student":
        """Make the agent of an attempt."""
        return Student()

    def start(self, task: TaskInfo) -> None:
        """Decide by problem and sample whether this attempt slips."""
        assert task.problem is not None
        program = task.problem.submissions[0].source.decode()
        slips = random.Random(f"{task.problem.digest()} {task.sample}").random() < len(program.split()) / 120
        self.program = "print(0)" if slips else program

    def act(self, observation: str) -> AgentAction:
        """Submit the program."""
        text = f"```python\n{self.program}\n```"
        return AgentAction(action=text, messages=({"role": "assistant", "content": text},))

    def close(self) -> None:
        """Hold nothing."""


with tempfile.TemporaryDirectory() as folder:
    summary = synthesis.synthesize(
        synthesis.open_seeds(("families:train:2",)),
        teacher=synthesis.make_teacher("scripted:families"),
        student=Student(),
        out=Path(folder),
        settings=synthesis.SynthesisSettings(turns=3, student=synthesis.StudentSettings(attempts=8)),
    )
    print(f"{summary.kept} of {summary.requests} proposals kept, rejected: {summary.rejected}")
    for problem in load_problems(Path(folder) / "problems"):
        rate, name = float(problem.metadata["pass_rate"]), problem.metadata["bin"] or "-"
        print(f"{problem.id}  pass rate {rate:.3f}  bin {name:<12} {problem.title}")
