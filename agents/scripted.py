"""Scripted agents of known quality, to check the judge and the environments.

The agents play each mode with the same actions as a model would; their program is one of the problem's
labelled submissions.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from ..judge import SPECS, Language
from ..problems import Label, LabelledSubmission, Problem, answer_text, asks_for_literal, submitted_literal
from .agent import AgentAction, AgentIdentity, TaskInfo
from .errors import AgentError

SCRIPTED: dict[str, Label | None] = {
    "reference": Label.ACCEPTED,
    "slow": Label.TIME_LIMIT_EXCEEDED,
    "wrong": Label.WRONG_ANSWER,
    "crash": Label.RUN_TIME_ERROR,
    "silent": None,
}
"""The scripted agents, each with the label of its submission; `silent` submits nothing."""

FILE_NAMES = {language: f"solution{spec.suffixes[0]}" for language, spec in SPECS.items()}
SILENT_REPLY = "I do not know how to solve this problem."


def find_submission(problem: Problem, label: Label, language: Language) -> LabelledSubmission | None:
    """Return the problem's submission with this label in this language; of several the first by name."""
    matching = [
        submission
        for submission in problem.submissions
        if submission.label is label
        and PurePosixPath(submission.name).suffix.lower() in SPECS[language].suffixes
    ]
    return min(matching, key=lambda submission: submission.name, default=None)


@dataclass(frozen=True, kw_only=True)
class ScriptedFactory:
    """Makes scripted agents with one name."""

    name: str
    """Name of the agents, a key of `SCRIPTED`."""

    @property
    def identity(self) -> AgentIdentity:
        """Identity of the agents."""
        return AgentIdentity(name=self.name, kind="scripted")

    def obstacle(self, problem: Problem, language: Language) -> str | None:
        """Return why the agent cannot play this problem in this language; None when it can."""
        label = SCRIPTED[self.name]
        if label is None or find_submission(problem, label, language):
            return None
        return f"problem {problem.id!r} has no {language} submission labelled {label}"

    def make(self) -> ScriptedAgent:
        """Make the agent of one episode."""
        return ScriptedAgent(self)


class ScriptedAgent:
    """Plays a labelled submission of a problem.

    Args:
        factory: Factory with the agent's name.
    """

    def __init__(self, factory: ScriptedFactory) -> None:
        self._factory = factory
        self._moves: Iterator[str] | None = None

    @property
    def identity(self) -> AgentIdentity:
        """Identity of the agent."""
        return self._factory.identity

    def start(self, task: TaskInfo) -> None:
        """Choose the program and plan the moves.

        Raises:
            AgentError: The task names no problem, or the problem has no such submission.
        """
        if task.problem is None:
            raise AgentError(f"the scripted agent {self._factory.name!r} needs the problem in its task")
        obstacle = self._factory.obstacle(task.problem, task.language)
        if obstacle:
            raise AgentError(f"the scripted agent {self._factory.name!r} cannot play: {obstacle}")
        label = SCRIPTED[self._factory.name]
        known = label and find_submission(task.problem, label, task.language)
        if known and asks_for_literal(task.problem):
            self._moves = iter(plan_answer(known.source.decode(), task.problem, task.mode))
        elif known:
            self._moves = iter(plan_moves(known.source.decode(), task.mode, task.language))
        else:
            self._moves = iter(())

    def act(self, observation: str) -> AgentAction:
        """Return the next planned action; after the last one, a reply that submits nothing."""
        if self._moves is None:
            raise AgentError("act() before start()")
        action = next(self._moves, SILENT_REPLY)
        messages = ({"role": "user", "content": observation}, {"role": "assistant", "content": action})
        return AgentAction(action=action, messages=messages)

    def close(self) -> None:
        """Forget the moves."""
        self._moves = None


def plan_moves(source: str, mode: str, language: Language) -> list[str]:
    """Return the actions that submit a program in a mode.

    Raises:
        AgentError: The mode is unknown.
    """
    if mode == "single":
        return [fenced_reply(source, language)]
    if mode == "tool":
        return [call("run_samples", code=source), call("submit", code=source)]
    if mode == "agentic":
        path = FILE_NAMES[language]
        return [
            call("edit", command="create", path=path, text=source),
            call("run_samples", path=path),
            call("submit", path=path),
        ]
    raise AgentError(f"unknown mode {mode!r}: a scripted agent plays single, tool and agentic")


def plan_answer(program: str, problem: Problem, mode: str) -> list[str]:
    """Return the actions that submit the literal in the program of an answer.

    Raises:
        AgentError: The program holds no literal.
    """
    literal = submitted_literal(program)
    if literal is None:
        raise AgentError(f"a labelled submission of {problem.id!r} holds no literal")
    text = answer_text(problem, literal)
    if mode == "single":
        return [f"answer: {text}"]
    if mode == "tool":
        return [call("read_answer", answer=text), call("submit", answer=text)]
    create = call("edit", command="create", path="answer.txt", text=text)
    return [create, call("submit", path="answer.txt")]


def call(name: str, **arguments: str) -> str:
    """Write a tool call as an action."""
    return json.dumps({"name": name, "arguments": arguments})


def fenced_reply(source: str, language: Language) -> str:
    """Write a reply whose last fenced block is the program."""
    # A fence must be longer than any run of backticks at the beginning of a line of the program.
    longest = max((len(run) for run in re.findall(r"^`{3,}", source, re.MULTILINE)), default=2)
    fence = "`" * (longest + 1)
    return f"This is my solution.\n\n{fence}{language}\n{source.rstrip()}\n{fence}\n"
