"""Mode tool: the agent calls tools, and may run code before it submits."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import replace

from ..actions import FORMAT_HELP, ActionError, ToolCall, parse_tool_call
from ..episode import Mode, ParsedReply, StopReason
from ..tools.tool import Parameter, Tool, check_call, text_argument
from .coding_env import CodingEnv

SUBMIT = "submit"
_CODE = Parameter(name="code", description="The complete program.")


class ToolCallingEnv(CodingEnv):
    """The base class of the modes tool and agentic, in which an action is a tool call."""

    def _act(self, action: str) -> ParsedReply:
        try:
            call = parse_tool_call(action, self.tools)
            check_call(call, self.tool_set)
        except ActionError as error:
            return self._reject(f"Nothing was done: {error}")
        if call.name == SUBMIT:
            return self._call(call)
        # Checked after `submit`, so that an agent without calls left can still submit.
        limit = self.settings.max_tool_calls
        if limit is not None and self._running().counts.tool_calls >= limit:
            text = f"Nothing was done: that was one more than the {limit} tool calls that are allowed."
            return ParsedReply(text=text, ending=StopReason.MAX_TOOL_CALLS)
        return replace(self._call(call), tool_call=True)

    @abstractmethod
    def _call(self, call: ToolCall) -> ParsedReply:
        """Carry out a call that was checked against the tools."""


class ToolEnv(ToolCallingEnv):
    """Tool calls that run Python or the samples, until a program is submitted.

    - Ids: `{Classics,LCB}{,Easy,Medium,Hard}-tool`, `{CodeContests,TACO,APPS,Families}-tool`.
    - Observation: `TextSpace`. After `reset` the task, the tools and the form of a call. After a step the
      result of the tool, and after a submission what `feedback` allows.
    - Action: `TextSpace`. A tool call, `{"name": ..., "arguments": {...}}`: alone, in `<tool_call>` tags, in
      a code block, after a sentence, or in one of the other forms that `parse_tool_call` reads. If an action
      holds several calls, none is carried out. The tools:

      - `python` (code, stdin?): run a Python 3 program in a fresh process with 10 s of CPU time, whatever the
        language of the submissions. The middle of long output is replaced by a note of its length.
      - `run_samples` (code): run a program on the samples and compare the outputs.
      - `submit` (code): submit a program.

    - Reward: as in `SingleEnv`. If the episode ends without a submission, there was nothing to judge. With
      `max_submissions` above 1, the last submission counts.
    - Episode end: `terminated` on `submit` (with `max_submissions` above 1, when a submission is accepted or
      the last one is judged), and at the limits `max_turns` (16 by default), `max_tokens`, `max_tool_calls`
      and `max_malformed`. `truncated` only when infrastructure fails.
    - Info and version: as in `SingleEnv`.

    A malformed action costs a turn, and the observation says what is wrong. So does a code block without a
    call: it is not submitted. Submitting a program that is empty, longer than 1 MiB or has NUL bytes ends the
    episode with the stop reason `no_code`, unless `max_submissions` is above 1.
    """

    mode = Mode.TOOL
    default_max_turns = 16
    instructions = f"{FORMAT_HELP} Only `submit` counts. The tools:"
    tool_set: tuple[Tool, ...] = (
        Tool(
            name="python",
            description="Run a Python 3 program in a fresh process (10 s of CPU time) and see its output.",
            parameters=(
                Parameter(name="code", description="The program."),
                Parameter(name="stdin", description="What it reads on standard input.", required=False),
            ),
        ),
        Tool(
            name="run_samples",
            description="Run a program on the samples of the task and compare.",
            parameters=(_CODE,),
        ),
        Tool(
            name="submit",
            description="Hand in a program to be judged on the hidden tests. Ends the task.",
            parameters=(_CODE,),
        ),
    )

    def _call(self, call: ToolCall) -> ParsedReply:
        code = text_argument(call.arguments, "code")
        if call.name == "submit":
            return self._submit(code.encode())
        if call.name == "run_samples":
            return self._referee.run_samples(self.problem, code.encode())
        stdin = text_argument(call.arguments, "stdin") if "stdin" in call.arguments else ""
        return self._referee.run_python(code, stdin)
