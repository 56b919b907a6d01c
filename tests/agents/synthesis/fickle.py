"""A student that solves a share of its attempts, and a synthesis that tests kill in the middle.

`python fickle.py OUT [SEEDS TURNS ATTEMPTS]` runs or continues a synthesis; it prints the summary as JSON.
"""

from __future__ import annotations

import hashlib
import json
import sys
from dataclasses import dataclass, field
from pathlib import Path

from codefrontier.agents import AgentAction, AgentIdentity, ModelError, TaskInfo, Usage
from codefrontier.agents.synthesis.run import synthesize
from codefrontier.agents.synthesis.seeds import open_seeds
from codefrontier.agents.synthesis.settings import RunOptions, SynthesisSettings
from codefrontier.agents.synthesis.students import StudentSettings
from codefrontier.agents.synthesis.teachers import FamiliesTeacher
from codefrontier.judge import Language
from codefrontier.problems import Problem

SOLVE, FAIL, CRASH, BREAK = "s", "f", "c", "b"
"""Solve the problem, print nothing, end with an error, lose the model."""

WRONG = "class Solution:\n    def f(self, *arguments):\n        return 'wrong'"
"""A program with empty output, and a method with a wrong result."""


@dataclass(frozen=True)
class FickleFactory:
    """Makes agents whose attempts follow a pattern of letters, or the digest of the problem without one."""

    pattern: str = ""
    identity: AgentIdentity = field(default=AgentIdentity(name="fickle", kind="scripted"))

    def obstacle(self, problem: Problem, language: Language) -> str | None:
        """Return None: the agents can play every problem."""
        return None

    def make(self) -> FickleAgent:
        """Make an agent."""
        return FickleAgent(self)


class FickleAgent:
    """Plays the reference or a wrong program."""

    def __init__(self, factory: FickleFactory) -> None:
        self.identity = factory.identity
        self._pattern = factory.pattern

    def start(self, task: TaskInfo) -> None:
        """Choose what to do by problem and sample."""
        assert task.problem is not None
        digest = hashlib.sha256(task.problem.digest().encode()).digest()
        pattern = self._pattern or "".join(SOLVE if byte % 5 < digest[0] % 5 else FAIL for byte in digest)
        self._does = pattern[task.sample % len(pattern)]
        self._right = task.problem.submissions[0].source.decode()

    def act(self, observation: str) -> AgentAction:
        """Submit a program."""
        if self._does == BREAK:
            raise ModelError("the model is gone")
        program = {SOLVE: self._right, FAIL: WRONG, CRASH: "1 // 0"}[self._does]
        text = f"```python\n{program}\n```"
        return AgentAction(
            action=text,
            messages=({"role": "assistant", "content": text},),
            usage=Usage(requests=1, prompt_tokens=3, completion_tokens=2),
        )

    def close(self) -> None:
        """Do nothing."""


def main(out: Path, seeds: int, turns: int, attempts: int) -> None:
    """Run or continue a synthesis."""
    summary = synthesize(
        open_seeds((f"families:train:{seeds}",)),
        teacher=FamiliesTeacher(),
        student=FickleFactory(),
        out=out,
        settings=SynthesisSettings(turns=turns, at_once=3, student=StudentSettings(attempts=attempts)),
        options=RunOptions(workers=2),
    )
    print(json.dumps(summary.document()))


if __name__ == "__main__":
    main(Path(sys.argv[1]), *map(int, sys.argv[2:5]))
