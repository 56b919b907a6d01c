"""Mode agentic: the agent works in a sandboxed directory and submits a file from it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, ClassVar, Unpack

from ...judge import JudgeError, Workspace, WorkspaceFileError, WorkspaceSnapshot, plain_text
from ...problems import Problem
from ..actions import FORMAT_HELP, ActionError, ToolCall
from ..episode import Mode, ParsedReply
from ..errors import EnvError
from ..feedback import OUTPUT_SHOWN, command_text, cut_middle
from ..settings import EnvKeywords
from ..task_text import task_text
from ..tools import workspace_tools as tools
from ..tools.edit import EditError, insert_after, replace_once, view
from ..tools.own_cases import OwnCases
from ..tools.predicted_debugger import REAL, PredictedDebugger, open_model
from ..tools.tool import Tool, text_argument
from ..tools.workspace_pools import PoolShare
from .tool_env import ToolCallingEnv

logger = logging.getLogger(__name__)

_NO_SESSION = "Nothing was done: there is no debugging session. Begin one with start."
_TAKEN_UP = (
    "[This workspace was taken up from a snapshot: files and the state of the shell are as they were. "
    "Lost: {}.]"
)


class AgenticEnv(ToolCallingEnv):
    """A workspace with a persistent shell; the submission is a file of the workspace.

    - Ids: `{Classics,LCB}{,Easy,Medium,Hard}-agentic`, `{CodeContests,TACO,APPS,Families}-agentic`.
    - Observation: `TextSpace`. After `reset` the task, the tools and the form of a call. After a step the
      result of the tool, and after a submission what `feedback` allows.
    - Action: `TextSpace`. A tool call as in `ToolEnv`. The tools:

      - `bash` (command, time_limit_s?): run a command in the persistent shell.
      - `edit` (command, path, ...): `view`, `create`, `replace` or `insert` text of a file.
      - `run_samples` (path): run a program on the samples and compare the outputs.
      - `run_tests` (path; folder? or input, answer?): judge a program on tests that the agent wrote.
      - `debug` (command, ...): debug a Python program with `start`, `break`, `step` and other commands.
      - `submit` (path): submit the program in a file.

    - Reward: as in `ToolEnv`.
    - Episode end: as in `ToolEnv`, with 64 turns by default.
    - Info and version: as in `SingleEnv`.

    Each episode has a workspace of its own without network, without files of the host and without hidden
    data. The workspace is an embedded sandbox or a container, as `runtime` or else the judge says. Sandboxes
    are reused by later episodes as long as an environment of this process is open, and are emptied in
    between. The task is also in `/work/TASK.md`, and the samples are in `/work/samples/1.in`, `1.ans` and so
    on. These are copies: the judge reads only the bytes of the submitted file, and runs them in another
    sandbox. If a path cannot be read, the observation says why and the action costs a turn; an empty file
    ends the episode with `no_code`.

    A snapshot keeps files, links, permissions and times below `/work`, and the directory, variables,
    functions, aliases and options of the shell. It does not keep running processes, debugging sessions, pipes
    and the content of `/tmp`; if there were any, the first observation after `restore` names what was lost.

    Equal actions give equal observations in either runtime: the environment variables and hash seeds of
    commands are fixed, and memory addresses repeat within a runtime. Exceptions are what programs read from
    clocks, process and user ids and random devices, races of background jobs, and the tools and their
    versions if the image of a container was not built from this host.
    """

    mode = Mode.AGENTIC
    default_max_turns = 64
    workspace_type: ClassVar[Callable[[], Workspace] | None] = None
    """Function that makes workspaces. None takes them from the pool that the environments of this process
    share."""
    instructions = (
        "You work in the directory /work of a sandbox without a network. The task is also in TASK.md, its "
        f"samples in samples/ (1.in, 1.ans, ...). {FORMAT_HELP} Only `submit` counts. Long output is cut "
        "in the middle, which is said there. The tools:"
    )
    tool_set: tuple[Tool, ...] = (
        tools.BASH,
        tools.EDIT,
        tools.RUN_SAMPLES,
        tools.RUN_TESTS,
        tools.DEBUG,
        tools.SUBMIT,
    )

    def __init__(self, **keywords: Unpack[EnvKeywords]) -> None:
        super().__init__(**keywords)
        self._workspace: Workspace | None = None
        self._session: PredictedDebugger | None = None
        # Starting a sandbox takes much longer than emptying it, so environments share a pool.
        self._share = PoolShare(self.settings.sandbox)
        self._notice = ""

    def close(self) -> None:
        """End the workspace, the environment's own judge and its use of the pool; again, do nothing."""
        super().close()
        self._share.close()

    def _call(self, call: ToolCall) -> ParsedReply:
        reply = self._answered(call)
        notice, self._notice = self._notice, ""
        text = f"{notice}\n{reply.text}" if notice else reply.text
        # Output of commands may hold control characters, which must not reach a terminal or confuse a model.
        return replace(reply, text=plain_text(text), quoted=tuple(map(plain_text, reply.quoted)))

    def _answered(self, call: ToolCall) -> ParsedReply:
        try:
            if call.name == "bash":
                return self._bash(call.arguments)
            if call.name == "edit":
                return ParsedReply(text=self._edit(call.arguments))
            if call.name == "debug":
                return self._debug(call.arguments)
            source = self._files.read_file(text_argument(call.arguments, "path"))
            if call.name == "run_tests":
                own = OwnCases.of(self.problem, self._files, call.arguments)
                return self._referee.run_own_cases(own, source)
        except (WorkspaceFileError, EditError, ActionError) as error:
            return ParsedReply(text=f"Nothing was done: {error}")
        if call.name == "submit":
            return self._submit_file(source)
        return self._referee.run_samples(self.problem, source)

    def _submit_file(self, data: bytes) -> ParsedReply:
        """Submit the content of a file."""
        return self._submit(data)

    def _bash(self, arguments: Mapping[str, Any]) -> ParsedReply:
        command = text_argument(arguments, "command")
        limit_s = arguments.get("time_limit_s", tools.COMMAND_LIMIT_S)
        if "\0" in command:
            raise ActionError("a command cannot hold a NUL character")
        # Bounded, so that one command cannot hold up the episode.
        if not 1 <= limit_s <= tools.LONGEST_COMMAND_S:
            raise ActionError(f"time_limit_s must be in 1 to {tools.LONGEST_COMMAND_S}, got {limit_s!r:.80}")
        result = self._files.run(command, time_limit_s=limit_s)
        return ParsedReply(text=command_text(result, time_limit_s=limit_s))

    def _debug(self, arguments: Mapping[str, Any]) -> ParsedReply:
        for name in tools.NEEDED_BY_DEBUG.get(arguments["command"], ()):
            _needed("debug", arguments, name)
        if self.settings.debugger != REAL:
            return ParsedReply(text=self._predicted(arguments))
        result = self._files.debug(arguments, time_limit_s=tools.DEBUG_LIMIT_S)
        if result is None:
            return ParsedReply(text=_NO_SESSION)
        text = result.output
        if result.restarted:
            text += f"[the debugging session is over: it was killed after {tools.DEBUG_LIMIT_S} s]"
        elif result.timed_out:
            text += f"[interrupted after {tools.DEBUG_LIMIT_S} s]"
        return ParsedReply(text=text.rstrip("\n"))

    def _predicted(self, arguments: Mapping[str, Any]) -> str:
        """Debug with a model; the session is not kept by snapshots, like that of the real debugger."""
        if arguments["command"] == "start":
            path = text_argument(arguments, "path")
            source = self._read_text(path)
            data = self._read_text(arguments["input"]) if arguments.get("input") else ""
            model = open_model(self.settings.debugger)
            self._session = PredictedDebugger(model, source, name=path.removeprefix("/work/"), data=data)
            return self._session.begin()
        if self._session is None or self._session.over:
            return _NO_SESSION
        return self._session.answer(arguments)

    def _edit(self, arguments: Mapping[str, Any]) -> str:
        command, path = arguments["command"], text_argument(arguments, "path")
        if command == "create":
            text = _needed("edit", arguments, "text")
            self._files.write_file(path, text.encode())
            return f"Wrote {len(text)} characters to {path}."
        text = self._read_text(path)  # every other command needs the file
        if command == "view":
            lines = view(text, start=arguments.get("start", 1), end=arguments.get("end"))
            return cut_middle(lines, OUTPUT_SHOWN)
        if command == "replace":
            text = replace_once(text, _needed("edit", arguments, "old"), _needed("edit", arguments, "new"))
        else:
            line = _needed("edit", arguments, "line")
            text = insert_after(text, line, _needed("edit", arguments, "text"))
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
        task = task_text(problem, self.settings.program_language, hints=self.settings.hints)
        files = {"TASK.md": task.encode(errors="replace")}
        # Copies for the agent; the judge uses the samples of the problem and never these files.
        for number, case in enumerate(problem.samples, start=1):
            files[f"samples/{number}.in"] = case.input()
            files[f"samples/{number}.ans"] = case.answer()
        self._start_workspace().add_files(files)

    def _release(self) -> None:
        self._notice, self._session = "", None
        workspace, self._workspace = self._workspace, None
        if workspace is None:
            return
        try:
            workspace.close()
        except (JudgeError, OSError) as error:  # the result of the episode is not affected
            logger.warning("a workspace did not close: %r", error)

    def _pack(self) -> WorkspaceSnapshot | bytes:
        try:
            return self._files.snapshot()
        except WorkspaceFileError as error:
            raise EnvError(f"the files of the workspace cannot be kept: {error}") from error

    def _unpack(self, packed: WorkspaceSnapshot | bytes | None) -> None:
        if packed is None:
            raise ValueError("the snapshot of an agentic episode lacks its workspace")
        try:
            lost = self._start_workspace().restore(packed)
        except WorkspaceFileError as error:
            raise ValueError(str(error)) from error
        self._notice = _TAKEN_UP.format(", ".join(lost)) if lost else ""

    def _start_workspace(self) -> Workspace:
        make = type(self).workspace_type or self._share.workspace
        self._workspace = make()
        return self._workspace


def _needed(tool: str, arguments: Mapping[str, Any], name: str) -> Any:
    """Return an argument that the command of a tool requires."""
    if name not in arguments:
        raise ActionError(f"{tool} {arguments['command']} needs the argument {name!r}")
    return arguments[name]
