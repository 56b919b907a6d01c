"""The environment `Debugger-single`: the agent plays the debugger."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Unpack

from ...judge import Judge
from ...judge.tracing import Executing, record
from ...problems import Problem, ProblemError
from ...problems.traces import family_rows, parse_frame, print_frame, read_traces
from ...problems.traces.state_problems import state_problems
from ..episode import ParsedReply
from ..judging import Judging
from ..modes.single_env import SingleEnv
from ..selection import ProblemPool
from ..settings import EnvKeywords
from ..vector import TextVectorEnv
from .state_judge import StateJudge

FUNCTIONS = 48
"""Functions of the micro families whose traces are played unless others are given."""
_BUG_SHARE = 0.25
_START, _END, _FENCE = "<|frame|>", "<|trace_end|>", "```"


class DebuggerEnv(SingleEnv):
    r"""Code, a state and an action are given; the reply is the state in which the debugger stops next.

    - Id: `Debugger-single`. There are no other modes: nothing can be tried out, as each program has one
      next state. A debugger as a tool is the keyword `debugger` of mode agentic.
    - Observation: `TextSpace`. How to answer, and then code, state and action in the trace language, which is
      the end of the text.
    - Action: `TextSpace`. A state in the trace language, which is what follows the last `<|frame|>`.
    - Reward: 1.0 if the states are equal. With `reward="fraction"` the share of the parts that are equal:
      event, source line, and variables or argument; of an exit the event and how the program ends. -0.1 for a
      reply that is no state.
    - Episode end and info: as in `SingleEnv`. The runs of the judgement are the parts of the state, with
      their names, so records hold which part was wrong.
    - Problems: states and actions drawn from traces of 48 functions of the micro families, or from the file
      of `codefrontier traces record` that `data` names. Their difficulty is by the number of states between
      the two: below 3 easy, below 12 medium, and hard.
    - Version: 1.

    A `judge` that is passed in runs the functions to be traced, and decides nothing. Without one, a sandbox
    is started for that, once in a process.
    """

    metadata = {**SingleEnv.metadata, "version": 1}  # noqa: RUF012  # declared so by Gymnasium
    instructions = (
        "You play the debugger of a Python program. Below are the program, its present state, and the action "
        "of the user, in this language of markers: a frame is <|frame|>, an event, and its fields. Of a line "
        "that is about to run (<|line|>) <|argument|> with a JSON object of the variables comes first, and "
        "then <|source|> with the text of the line; of a call, a return and an exception <|source|> comes "
        "first, and the argument of a return or an exception is a JSON string with the text of the value. "
        'After a line of the same function only changed variables are written, and "..": "" if others are '
        "unchanged. <|frame|><|exit|> is followed by normal, error or never, or by start when going back in "
        "time. Reply with the next frame only."
    )

    def __init__(self, **keywords: Unpack[EnvKeywords]) -> None:
        self._states = _problems_of(keywords)
        given = keywords.copy()
        given["judge"] = StateJudge()
        super().__init__(**given)
        self._keywords = keywords

    def _load_pool(self) -> ProblemPool:
        wanted = self.settings.difficulty
        fitting = [each for each in self._states if wanted is None or each.difficulty == wanted]
        return ProblemPool(fitting, language=self.settings.program_language)

    def _first_observation(self, problem: Problem) -> str:
        return f"{self.instructions}\n\n{problem.statement}"

    def _act(self, action: str) -> ParsedReply:
        try:
            frame = parse_frame(frame_text(action))
        except ValueError as error:
            return self._reject(f"Nothing was judged: the reply is no state: {error}.")
        return self._submit(print_frame(frame).encode())


class DebuggerVectorEnv(TextVectorEnv):
    """Several `DebuggerEnv` that step at the same time."""

    env_type = DebuggerEnv


def frame_text(reply: str) -> str:
    """Return the part of a reply that should be a state: from its last frame marker on."""
    text = _START + reply.rpartition(_START)[2] if _START in reply else reply
    return text.strip().removesuffix(_FENCE).rstrip("\n").removesuffix(_END)


def _problems_of(keywords: EnvKeywords) -> Sequence[Problem]:
    chosen = keywords.get("problems")
    given = [each for each in chosen or () if isinstance(each, Problem)]
    if chosen is not None and given:
        return given
    if keywords.get("window") is not None:
        raise ValueError("window applies to problems of contests only, not to states of traces")
    data = keywords.get("data")
    known = _default_problems(keywords.get("judge")) if data is None else _problems_in(Path(data))
    if chosen is None:
        return known
    by_id = {problem.id: problem for problem in known}
    unknown = [str(each) for each in chosen if str(each) not in by_id]
    if unknown or not chosen:
        raise ValueError(f"problems must be ids of states, got {unknown[:3]!r}; an example is {min(by_id)!r}")
    return [by_id[str(each)] for each in chosen]


def _problems_in(path: Path) -> list[Problem]:
    problems = state_problems(read_traces(path))
    if not problems:
        raise ProblemError(f"{path}: there is no trace with events in it")
    return problems


_made: list[list[Problem]] = []
"""The problems of the default traces, which are recorded once in a process."""


def _default_problems(judge: Judging | None) -> list[Problem]:
    if not _made:
        if judge is not None and not isinstance(judge, StateJudge):
            _made.append(_recorded(judge))
        else:
            with Judge(workers=1) as own:
                _made.append(_recorded(own))
    return _made[0]


def _recorded(judge: Executing) -> list[Problem]:
    rows = islice(family_rows(0, bug_share=_BUG_SHARE), FUNCTIONS)
    return state_problems(record(judge, row.target) for row in rows)
