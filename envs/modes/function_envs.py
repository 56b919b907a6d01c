"""The environments of tasks about functions, in the three modes."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import ClassVar, Unpack

from ...problems import LiteralError, Problem, TaskKind, answer_program, plain_task, read_answer, task_kind
from ..actions import FORMAT_HELP, ToolCall, code_blocks
from ..episode import ParsedReply, StopReason
from ..functions.replies import ANSWER_HELP, find_answer
from ..settings import EnvKeywords, EnvSettings
from ..text_space import encodable
from ..tools import workspace_tools as tools
from ..tools.tool import Parameter, Tool, text_argument, with_submissions
from .agentic_env import AgenticEnv
from .coding_env import CodingEnv
from .function_settings import FunctionKeywords, FunctionSettings
from .single_env import SingleEnv
from .tool_env import ToolEnv

_FORMS = {
    TaskKind.DEDUCTION: "The answer is the value that the call returns.",
    TaskKind.ABDUCTION: "The answer is what stands between the parentheses of the call: the arguments, with "
    "commas between them.",
    TaskKind.FUZZING: "The answer is what stands between the parentheses of the call: the arguments, with "
    "commas between them.",
}
_ANSWER = Parameter(name="answer", description="The answer, as a Python literal.")
_READ = Tool(
    name="read_answer",
    description="See how an answer is read, without handing it in. Nothing is run.",
    parameters=(_ANSWER,),
)
_SUBMIT = Tool(name="submit", description="Hand in an answer. Ends the task.", parameters=(_ANSWER,))
_SUBMIT_FILE = Tool(
    name="submit",
    description="Hand in the answer in a file, which holds nothing but the literal. Ends the task.",
    parameters=tools.SUBMIT.parameters,
)
_PYTHON = next(tool for tool in ToolEnv.tool_set if tool.name == "python")
TOOLS: Mapping[TaskKind, tuple[Tool, ...]] = {
    TaskKind.INDUCTION: ToolEnv.tool_set,
    TaskKind.ABDUCTION: (_PYTHON, _READ, _SUBMIT),
    TaskKind.DEDUCTION: (_READ, _SUBMIT),
    TaskKind.FUZZING: (_PYTHON, _READ, _SUBMIT),
}
"""Tools of mode tool. Deduction has none that runs a program: the task shows the function and the call, so
that such a tool would give the answer. In the other tasks it shows what an answer does, which the agent has
to find first."""
WORKSPACE_TOOLS: Mapping[TaskKind, tuple[Tool, ...]] = {
    TaskKind.INDUCTION: AgenticEnv.tool_set,
    TaskKind.ABDUCTION: (tools.BASH, tools.EDIT, tools.DEBUG, _READ, _SUBMIT_FILE),
    TaskKind.DEDUCTION: (tools.EDIT, _READ, _SUBMIT_FILE),
    TaskKind.FUZZING: (tools.BASH, tools.EDIT, tools.DEBUG, _READ, _SUBMIT_FILE),
}
"""Tools of mode agentic. Deduction has neither a shell nor a debugger, for the same reason."""


class FunctionTaskEnv(CodingEnv):
    """The base class of the environments of tasks about functions: answers that are literals.

    Raises:
        ValueError: The problems are no tasks about functions, or of different kinds.
    """

    def __init__(self, **keywords: Unpack[EnvKeywords]) -> None:
        super().__init__(**keywords)
        kinds = {task_kind(problem) for problem in self._pool.problems}
        if len(kinds) != 1 or None in kinds:
            names = ", ".join(sorted(str(kind) for kind in kinds))
            raise ValueError(f"the problems must be tasks about functions of one kind, got {names}")
        (kind,) = kinds
        assert kind is not None
        self.kind = kind
        """What is asked about the functions."""
        self.literal = kind is not TaskKind.INDUCTION
        """Whether answers are literals and not programs."""
        if self.literal and self.settings.answers > 1:
            raise ValueError(f"answers must be 1 for {kind}, got {self.settings.answers!r}")

    def _submit_literal(self, text: str) -> ParsedReply:
        """Submit the program that an answer stands for; an answer that is no literal is not judged."""
        try:
            program = answer_program(self.problem, read_answer(self.problem, text))
        except LiteralError as error:
            once = self.settings.max_submissions == 1
            reply = f"Nothing was judged: {error}."
            return ParsedReply(text=reply, malformed=not once, ending=StopReason.NO_CODE if once else None)
        return self._submit(program.encode())

    def _read(self, text: str) -> ParsedReply:
        try:
            return ParsedReply(text=f"It is read as: {read_answer(self.problem, text)}")
        except LiteralError as error:
            return ParsedReply(text=f"It cannot be read: {error}.")


class FunctionSingleEnv(FunctionTaskEnv, SingleEnv):
    """One reply with the answer to a task about a function.

    - Ids: `{Induction,Abduction,Deduction,Fuzzing}-single`.
    - Observation: as in `SingleEnv`. Induction shows pairs of an input and an output and a message;
      abduction a function and an output; deduction a function and a call; fuzzing a function and two tests.
      With `layout="plain"` the same without any prose, as `plain_task` writes it.
    - Action: `TextSpace`. For induction a program, as in `SingleEnv`. Otherwise a reply with a literal: after
      `answer:` on a line of its own, or in the only code block. Of a reply with several such lines, or with
      several blocks and no line, nothing is judged. A literal has at most 20,000 characters, integers of at
      most 4096 bits, finite floats, and is nested at most 32 deep.
    - Reward: as in `SingleEnv`; by default 1.0 if the answer is right and 0.0 otherwise, and -0.1 for a reply
      without an answer that can be judged. Induction: every pair, shown or hidden, is right. Abduction: the
      function returns the output for the answer; with `strict`, the answer is the original input. Deduction:
      the answer is the output. Fuzzing: the answer passes `pre_test` and fails `test`. Values are equal if
      their canonical literals are: types count, the order of sets and dictionaries does not.
    - Episode end, info and version: as in `SingleEnv`. The verdict of an answer is AC, WA, or RTE or TLE if
      the function fails on it.
    - Problems: `data` names a folder of Python files with functions, or of tasks made by `codefrontier
      problems functions`. Functions that were left out are in `excluded`.

    The keyword arguments are the fields of `FunctionSettings`.
    """

    settings_type: ClassVar[type[EnvSettings]] = FunctionSettings
    settings: FunctionSettings

    def __init__(self, **keywords: Unpack[FunctionKeywords]) -> None:
        super().__init__(**keywords)  # type: ignore[misc]  # its settings_type takes the further keyword

    def _first_observation(self, problem: Problem) -> str:
        if self.settings.layout == "plain":
            return encodable(plain_task(problem))
        return super()._first_observation(problem)

    def _instructions(self) -> str:
        if not self.literal:
            return super()._instructions()
        return f"Reply with text. {ANSWER_HELP} {_FORMS[self.kind]}"

    def _act(self, action: str) -> ParsedReply:
        if not self.literal:
            return super()._act(action)
        try:
            answer = find_answer(action)
        except LiteralError as error:
            return self._reject(f"Nothing was judged: {error}.")
        return self._submit_literal(answer)


class FunctionToolEnv(FunctionTaskEnv, ToolEnv):
    """Tool calls until an answer to a task about a function is submitted.

    - Ids: `{Induction,Abduction,Deduction,Fuzzing}-tool`.
    - Observation, reward, info and version: as in `FunctionSingleEnv`.
    - Action and episode end: as in `ToolEnv`. Induction has its tools. The others have `submit` (answer) and
      `read_answer` (answer), which shows how an answer is read; abduction and fuzzing also have `python`.
      Deduction has no tool that runs a program, because it would give the answer.
    """

    def __init__(self, **keywords: Unpack[EnvKeywords]) -> None:
        super().__init__(**keywords)
        self.tool_set = with_submissions(TOOLS[self.kind], self.settings.max_submissions)

    def _instructions(self) -> str:
        if not self.literal:
            return super()._instructions()
        return f"{FORMAT_HELP} Only `submit` counts. {_FORMS[self.kind]} The tools:"

    def _call(self, call: ToolCall) -> ParsedReply:
        if self.literal and call.name == "submit":
            return self._submit_literal(text_argument(call.arguments, "answer"))
        if self.literal and call.name == "read_answer":
            return self._read(text_argument(call.arguments, "answer"))
        return super()._call(call)


class FunctionAgenticEnv(FunctionTaskEnv, AgenticEnv):
    """A workspace; the answer to a task about a function is a file of the workspace.

    - Ids: `{Induction,Abduction,Deduction,Fuzzing}-agentic`.
    - Observation, reward, info and version: as in `FunctionSingleEnv`. After a submission the observation
      says whether the answer was right, and if not, the verdict.
    - Action and episode end: as in `AgenticEnv`. Induction has its tools. The others have `edit`,
      `read_answer` (answer) and `submit` (path of a file with the literal); abduction and fuzzing also have
      `bash` and `debug`, and their function is in `/work/function.py`. Deduction has no tool that runs a
      program.
    """

    def __init__(self, **keywords: Unpack[EnvKeywords]) -> None:
        super().__init__(**keywords)
        self.tool_set = with_submissions(WORKSPACE_TOOLS[self.kind], self.settings.max_submissions)

    def _instructions(self) -> str:
        if not self.literal:
            return super()._instructions()
        files = "The task is also in TASK.md" + (", the function in function.py" if self._runs else "")
        return (
            f"You work in the directory /work of a sandbox without a network. {files}. {FORMAT_HELP} Only "
            f"`submit` counts. {_FORMS[self.kind]} Long output is cut in the middle, which is said there. "
            "The tools:"
        )

    @property
    def _runs(self) -> bool:
        """Whether the agent can run programs."""
        return tools.BASH in self.tool_set

    def _open(self, problem: Problem) -> None:
        super()._open(problem)
        if self.literal and self._runs:
            self._files.add_files({"function.py": _shown_source(problem).encode()})

    def _answered(self, call: ToolCall) -> ParsedReply:
        if self.literal and call.name == "read_answer":
            return self._read(text_argument(call.arguments, "answer"))
        return super()._answered(call)

    def _submit_file(self, data: bytes) -> ParsedReply:
        # Bytes that are not UTF-8 become characters that no literal holds outside of texts.
        return self._submit_literal(data.decode(errors="replace")) if self.literal else self._submit(data)


def _shown_source(problem: Problem) -> str:
    """Return the function of a task, with its tests, as the statement shows them."""
    count = 3 if task_kind(problem) is TaskKind.FUZZING else 1
    return "\n\n".join(block.code for block in islice(code_blocks(problem.statement), count))
