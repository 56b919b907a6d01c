"""Mode tool: the agent may run code before it submits."""

from __future__ import annotations

from abc import abstractmethod

from .actions import FORMAT_HELP, ActionError, ToolCall, parse_tool_call
from .coding_env import CodingEnv
from .episode import Mode, Reply
from .tools import Parameter, Tool, check_call, text_argument

_CODE = Parameter(name="code", description="The complete program.")


class ToolCallingEnv(CodingEnv):
    """What the modes tool and agentic share: an action is a call of a tool."""

    def _act(self, action: str) -> Reply:
        try:
            call = parse_tool_call(action)
            check_call(call, self.tool_set)
        except ActionError as error:
            return self._reject(f"Nothing was done: {error}")
        return self._call(call)

    @abstractmethod
    def _call(self, call: ToolCall) -> Reply:
        """Do what a checked call asks for."""


class ToolEnv(ToolCallingEnv):
    """Tool calls that run Python or the samples, until a program is submitted.

    - Ids: `{Classics,LCB}{,Easy,Medium,Hard}-tool`.
    - Observation: `TextSpace`. At reset the task, the tools and how to call them; then what the tool
      gave; at last the verdict and how many tests passed.
    - Action: `TextSpace`. `{"name": ..., "arguments": {...}}`, alone or within one `<tool_call>`. The tools
      are `python` (code, stdin?), `run_samples` (code) and `submit` (code).
    - Reward: 0.0 before the end; then 1.0 when every selected test is AC, 0.0 when some is not, -0.1 when
      there is nothing to judge, which is also so when the turn limit comes first.
    - Episode end: `terminated` on submit and at the turn limit (`max_turns`, 16 unless given);
      `truncated` only when infrastructure fails.
    - Info: as in `SingleEnv`.

    A malformed action is explained and costs a turn; so does a code block without a call, which submits
    nothing. Submitting a program that is empty, too long or holds NUL bytes ends the episode as `no_code`.
    `python` runs Python 3 in a fresh process with 10 s of CPU time, whatever language is submitted.
    """

    mode = Mode.TOOL
    default_max_turns = 16
    instructions = f"{FORMAT_HELP} Only `submit` counts, and it ends the task. The tools:"
    tool_set = (
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

    def _call(self, call: ToolCall) -> Reply:
        code = text_argument(call.arguments, "code")
        if call.name == "submit":
            return self._referee.submit(self.problem, code.encode())
        if call.name == "run_samples":
            return self._referee.run_samples(self.problem, code.encode())
        stdin = text_argument(call.arguments, "stdin") if "stdin" in call.arguments else ""
        return self._referee.run_python(code, stdin)
