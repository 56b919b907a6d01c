"""Mode agentic: the agent works in a sandboxed directory and submits a file of it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from ..judge import JudgeError, Workspace, WorkspaceFileError
from ..problems import Problem
from .actions import FORMAT_HELP, ActionError, ToolCall
from .edit import EditError, insert_after, replace_once, view
from .episode import Mode, Reply
from .errors import EnvError
from .feedback import OUTPUT_SHOWN, command_text, cut_middle
from .task_text import task_text
from .tool_env import ToolCallingEnv
from .tools import Parameter, Tool, text_argument

logger = logging.getLogger(__name__)

COMMAND_LIMIT_S = 30.0
"""Wall time of one command."""

_PATH = Parameter(name="path", description="Path of the file; a relative path starts at /work.")


class AgenticEnv(ToolCallingEnv):
    """A workspace with a persistent shell; the submission is a file of it.

    - Ids: `{Classics,LCB}{,Easy,Medium,Hard}-agentic`.
    - Observation: `TextSpace`. At reset the task, the tools and how to call them; then what the tool
      gave; at last the verdict and how many tests passed.
    - Action: `TextSpace`. A tool call as in `ToolEnv`. The tools are `bash` (command), `edit` (command: view,
      create, replace or insert; path; ...), `run_samples` (path) and `submit` (path).
    - Reward: as in `ToolEnv`.
    - Episode end: `terminated` on submit and at the turn limit (`max_turns`, 64 unless given);
      `truncated` only when infrastructure fails.
    - Info: as in `SingleEnv`.

    Each episode has a workspace of its own: no network, nothing of the host, nothing hidden. The task is
    also in `/work/TASK.md`, the samples are `/work/samples/1.in`, `1.ans` and so on. The judge is given the
    bytes of the submitted file and runs them elsewhere. A path that cannot be read is explained and costs
    a turn; an empty file ends the episode as `no_code`.
    """

    mode = Mode.AGENTIC
    default_max_turns = 64
    workspace_type: ClassVar[Callable[[], Workspace]] = Workspace
    instructions = (
        "You work in the directory /work of a sandbox. The task is also in TASK.md, its samples in samples/ "
        "(1.in, 1.ans, ...). "
        f"{FORMAT_HELP} Only `submit` counts, and it ends the task. The tools:"
    )
    tool_set = (
        Tool(
            name="bash",
            description="Run a command in a persistent shell, for at most 30 s, and see its output.",
            parameters=(Parameter(name="command", description="The command."),),
        ),
        Tool(
            name="edit",
            description=(
                "View or change a file: `view` (start?, end?), `create` (text), `replace` (old, new; old "
                "must occur exactly once), `insert` (line, text; after that line, 0 for the beginning)."
            ),
            parameters=(
                Parameter(
                    name="command",
                    description="What to do.",
                    choices=("view", "create", "replace", "insert"),
                ),
                _PATH,
                Parameter(name="text", description="For create and insert.", required=False),
                Parameter(name="old", description="For replace: the text to replace.", required=False),
                Parameter(
                    name="new", description="For replace: the text to put in its place.", required=False
                ),
                Parameter(name="line", description="For insert.", type="integer", required=False),
                Parameter(name="start", description="For view: first line.", type="integer", required=False),
                Parameter(name="end", description="For view: last line.", type="integer", required=False),
            ),
        ),
        Tool(
            name="run_samples",
            description="Run the program in a file on the samples of the task and compare.",
            parameters=(_PATH,),
        ),
        Tool(
            name="submit",
            description="Hand in the program in a file to be judged on the hidden tests. Ends the task.",
            parameters=(_PATH,),
        ),
    )

    _workspace: Workspace | None = None

    def _call(self, call: ToolCall) -> Reply:
        try:
            if call.name == "bash":
                return self._bash(text_argument(call.arguments, "command"))
            if call.name == "edit":
                return Reply(text=self._edit(call.arguments))
            source = self._files.read_file(text_argument(call.arguments, "path"))
        except (WorkspaceFileError, EditError, ActionError) as error:
            return Reply(text=f"Nothing was done: {error}")
        act = self._referee.submit if call.name == "submit" else self._referee.run_samples
        return act(self.problem, source)

    def _bash(self, command: str) -> Reply:
        if "\0" in command:
            raise ActionError("a command cannot hold a NUL character")
        result = self._files.run(command, time_limit_s=COMMAND_LIMIT_S)
        return Reply(text=command_text(result, time_limit_s=COMMAND_LIMIT_S))

    def _edit(self, arguments: Mapping[str, Any]) -> str:
        command, path = arguments["command"], text_argument(arguments, "path")
        if command == "create":
            text = _needed(arguments, "text")
            self._files.write_file(path, text.encode())
            return f"Wrote {len(text)} characters to {path}."
        text = self._read_text(path)
        if command == "view":
            lines = view(text, start=arguments.get("start", 1), end=arguments.get("end"))
            return cut_middle(lines, OUTPUT_SHOWN)
        if command == "replace":
            text = replace_once(text, _needed(arguments, "old"), _needed(arguments, "new"))
        else:
            text = insert_after(text, _needed(arguments, "line"), _needed(arguments, "text"))
        self._files.write_file(path, text.encode())
        return f"Changed {path}."

    def _read_text(self, path: str) -> str:
        data = self._files.read_file(path)
        try:
            return data.decode()
        except UnicodeDecodeError as error:
            raise EditError(f"{path} is not UTF-8 text: {error.reason} at byte {error.start}") from error

    @property
    def _files(self) -> Workspace:
        if self._workspace is None:
            raise EnvError("the workspace is gone")
        return self._workspace

    def _open(self, problem: Problem) -> None:
        workspace = self._start_workspace()
        workspace.write_file(
            "TASK.md", task_text(problem, self.settings.program_language).encode(errors="replace")
        )
        for number, case in enumerate(problem.samples, start=1):
            workspace.write_file(f"samples/{number}.in", case.input)
            workspace.write_file(f"samples/{number}.ans", case.answer)

    def _release(self) -> None:
        workspace, self._workspace = self._workspace, None
        if workspace is None:
            return
        try:
            workspace.close()
        except (JudgeError, OSError) as error:  # the episode's result stands
            logger.warning("a workspace did not close: %r", error)

    def _pack(self) -> bytes:
        return self._files.snapshot()

    def _unpack(self, packed: bytes | None) -> None:
        if packed is None:
            raise ValueError("the snapshot of an agentic episode lacks its workspace")
        self._start_workspace().restore(packed)

    def _start_workspace(self) -> Workspace:
        self._workspace = type(self).workspace_type()
        return self._workspace


def _needed(arguments: Mapping[str, Any], name: str) -> Any:
    """Return an argument that this command of `edit` needs."""
    if name not in arguments:
        raise ActionError(f"edit {arguments['command']} needs the argument {name!r}")
    return arguments[name]
