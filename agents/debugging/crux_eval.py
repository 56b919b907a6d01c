"""Evaluation on rows in the format of CruxEval: outputs and inputs, by debugger actions and directly.

Each row is asked in five ways:

- `output_return`: from the call, `step_return`; the argument of the return is the output.
- `output_breakpoint`: from the call, a breakpoint at the line of the last return, and from the state that the
  model has predicted there, `step_return`.
- `input_call`: from the return with the output, `inv_step_call`; the variables of the call are the input.
- `direct_output`, `direct_input`: the control, without states: code and call give the output, or code and
  output the input.

An output is right if it is the literal of an equal value. An input is right if the function, run in the
sandbox on it, returns the output of the row; it must consist of literals, so that nothing else is run.

References:
    CRUXEval, arXiv 2401.03065; arXiv 2603.09951 for the three ways by actions.
"""

from __future__ import annotations

import ast
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ...judge import CompileError, Language, Submission
from ...judge.tracing import Executing, record
from ...problems import Limits, ProblemError
from ...problems.traces import (
    Action,
    ActionKind,
    CruxRow,
    Frame,
    StateTree,
    Trace,
    frame_of,
    parse_frame,
    print_frame,
)
from ...problems.traces.actions import state_at, target_of
from ...problems.traces.crux import FUNCTION
from ...problems.traces.language import context_code, escape, print_action, print_context, unescape
from .state_models import StateModel

WAYS = ("output_return", "output_breakpoint", "input_call", "direct_output", "direct_input")
BINS = (4, 8, 16, 32, 64)
"""Borders of the groups of rows by the number of skipped states."""
DIRECT_OUTPUT = (
    "The program is followed by a call of its function after <|source|>. Reply with what `repr` shows of the "
    "result, and nothing else."
)
DIRECT_INPUT = (
    "The program is followed by the result of a call of its function after <|argument|>. Reply with inputs "
    "that give this result, as they stand between the parentheses of the call, and nothing else."
)
_LIMITS = Limits(time_s=5.0, memory_mib=256)
_MARK = "codefrontier-result:"


@dataclass(frozen=True, kw_only=True)
class Question:
    """A row with its trace."""

    row: CruxRow
    trace: Trace = field(repr=False)

    @property
    def skipped(self) -> int:
        """Number of states between the call and the return."""
        return len(self.trace.events) - 2

    @property
    def output_line(self) -> int:
        """Line of the last return."""
        return self.trace.events[-1].line

    def can_ask(self, way: str) -> bool:
        """Whether a way of asking has an answer: a breakpoint may be hit in an inner call first."""
        if way != "output_breakpoint":
            return True
        tree = StateTree.forward(self.trace)
        place = target_of(tree, 0, Action(kind=ActionKind.BREAKPOINT, line=self.output_line))
        return place < len(tree) and tree.nodes[place].depth == 0


@dataclass(frozen=True, kw_only=True)
class CruxResult:
    """Whether a row was answered right, by way; without the ways in which it cannot be asked."""

    id: str
    skipped: int
    right: Mapping[str, bool]


def questions_of(judge: Executing, rows: Sequence[CruxRow]) -> tuple[list[Question], dict[str, str]]:
    """Record the rows; return the questions, and why other rows are left out, by id.

    Raises:
        JudgeError: The sandbox failed.
    """
    questions, left_out = [], {}
    for row in rows:
        try:
            trace = record(judge, row.target)
        except ProblemError as error:
            left_out[row.id] = str(error)
            continue
        if not trace.whole or trace.end != "normal" or trace.result is None:
            left_out[row.id] = f"no whole trace: {trace.error or trace.cut or trace.end}"
        elif not same_value(trace.result, row.output):
            left_out[row.id] = f"the function returns {trace.result:.80}, the row says {row.output:.80}"
        else:
            questions.append(Question(row=row, trace=trace))
    return questions, left_out


def evaluate(
    judge: Executing, model: StateModel, questions: Sequence[Question], *, ways: Sequence[str] = WAYS
) -> list[CruxResult]:
    """Ask a model every question in every way.

    Raises:
        ValueError: There is no such way.
        JudgeError: The sandbox failed.
        ModelError: The model gave no reply.
    """
    unknown = sorted(set(ways) - set(WAYS))
    if unknown:
        raise ValueError(f"ways must be of {', '.join(WAYS)}, got {unknown[0]!r}")
    ask = {
        "output_return": lambda q: same_value(output_by_return(model, q), q.row.output),
        "output_breakpoint": lambda q: same_value(output_by_breakpoint(model, q), q.row.output),
        "input_call": lambda q: gives_output(judge, q.row, input_by_call(model, q)),
        "direct_output": lambda q: same_value(direct_output(model, q), q.row.output),
        "direct_input": lambda q: gives_output(judge, q.row, direct_input(model, q)),
    }
    return [
        CruxResult(
            id=question.row.id,
            skipped=question.skipped,
            right={way: ask[way](question) for way in ways if question.can_ask(way)},
        )
        for question in questions
    ]


# The ways of asking.


def prompt_of(trace: Trace, frame: Frame, action: Action) -> str:
    """Return the prompt of one action in one state."""
    return print_context(context_code(trace)) + print_frame(frame) + print_action(action)


def call_frame(trace: Trace) -> Frame:
    """Return the state in which the function is called."""
    return frame_of(trace, state_at(StateTree.forward(trace), 0))


def return_frame(trace: Trace) -> Frame:
    """Return the state in which the function returns, as the first of a walk back."""
    return frame_of(trace, state_at(StateTree.backward(trace), 0))


def output_by_return(model: StateModel, question: Question) -> str | None:
    """Return the predicted output; None if the reply is no return."""
    action = Action(kind=ActionKind.STEP_RETURN)
    return _returned(_asked(model, question.trace, call_frame(question.trace), action))


def output_by_breakpoint(model: StateModel, question: Question) -> str | None:
    """Return the output that is predicted from the predicted state at the line of the return."""
    action = Action(kind=ActionKind.BREAKPOINT, line=question.output_line)
    stopped = _asked(model, question.trace, call_frame(question.trace), action)
    if stopped is None or stopped.kind != "line":
        return None
    return _returned(_asked(model, question.trace, stopped, Action(kind=ActionKind.STEP_RETURN)))


def input_by_call(model: StateModel, question: Question) -> str | None:
    """Return the predicted arguments as keyword arguments; None if the reply is no call."""
    action = Action(kind=ActionKind.INV_STEP_CALL)
    frame = _asked(model, question.trace, return_frame(question.trace), action)
    if frame is None or frame.kind != "inv_call" or frame.locals is None:
        return None
    return ", ".join(f"{name}={text}" for name, text in frame.locals.items())


def direct_output_prompt(row: CruxRow) -> str:
    """Return the prompt that asks for the output without states."""
    return f"{print_context(row.code)}<|source|>{escape(f'{FUNCTION}({row.input})')}<|argument|>"


def direct_input_prompt(row: CruxRow) -> str:
    """Return the prompt that asks for the input without states."""
    return f"{print_context(row.code)}<|argument|>{escape(row.output)}<|source|>"


def direct_output(model: StateModel, question: Question) -> str:
    """Return the output that is predicted without states."""
    return unescape(model.complete(direct_output_prompt(question.row), instructions=DIRECT_OUTPUT)).strip()


def direct_input(model: StateModel, question: Question) -> str:
    """Return the input that is predicted without states."""
    return unescape(model.complete(direct_input_prompt(question.row), instructions=DIRECT_INPUT)).strip()


def _asked(model: StateModel, trace: Trace, frame: Frame, action: Action) -> Frame | None:
    reply = model.complete(prompt_of(trace, frame, action)).strip()
    try:
        return parse_frame(reply.removesuffix("<|trace_end|>"))
    except ValueError:
        return None


def _returned(frame: Frame | None) -> str | None:
    return frame.argument if frame is not None and frame.kind == "return" else None


# Judging.


def same_value(predicted: str | None, output: str) -> bool:
    """Whether a predicted output is the same text, or the literal of an equal value of the same type."""
    if predicted is None:
        return False
    if predicted == output:
        return True
    try:
        first, second = ast.literal_eval(predicted), ast.literal_eval(output)
    except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
        return False
    return type(first) is type(second) and bool(first == second)


def gives_output(judge: Executing, row: CruxRow, arguments: str | None) -> bool:
    """Whether the function returns the output of the row for some arguments, by execution in the sandbox.

    Raises:
        JudgeError: The sandbox failed.
    """
    if arguments is None or not are_literals(arguments):
        return False
    # The result is compared outside: the program cannot know what is wanted.
    source = f"{row.code}\n\nprint('\\n{_MARK}' + repr({FUNCTION}({arguments})))\n"
    try:
        execution = judge.execute(
            Submission(source=source.encode(), language=Language.PYTHON), b"", limits=_LIMITS
        )
    except (CompileError, ValueError):
        return False
    _, marked, result = execution.stdout.decode("utf-8", "replace").rpartition(f"\n{_MARK}")
    return bool(marked) and execution.exit_status == 0 and same_value(result.rstrip("\n"), row.output)


def are_literals(arguments: str) -> bool:
    """Whether a text is the arguments of a call, each of them a literal."""
    try:
        call = ast.parse(f"{FUNCTION}({arguments}\n)", mode="eval").body
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name):
            return False
        values = [*call.args, *(keyword.value for keyword in call.keywords)]
        for value in values:
            ast.literal_eval(value)
    except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
        return False
    return all(keyword.arg is not None for keyword in call.keywords)


def accuracy(results: Sequence[CruxResult]) -> dict[str, float]:
    """Return the share of right answers by way, of the rows that were asked in that way."""
    found: dict[str, list[bool]] = {}
    for result in results:
        for way, right in result.right.items():
            found.setdefault(way, []).append(right)
    return {way: sum(right) / len(right) for way, right in found.items()}


def by_skipped(results: Sequence[CruxResult]) -> dict[str, dict[str, float]]:
    """Return the accuracy, and the number of rows as `rows`, by the number of states that were skipped."""
    groups: dict[str, list[CruxResult]] = {}
    for result in sorted(results, key=lambda each: each.skipped):
        border = next((each for each in BINS if result.skipped < each), None)
        low = 0 if border in (None, BINS[0]) else BINS[BINS.index(border) - 1]
        name = f"{BINS[-1]}+" if border is None else f"{low}-{border - 1}"
        groups.setdefault(name, []).append(result)
    return {name: {"rows": len(each), **accuracy(each)} for name, each in groups.items()}


# Players whose scores are known.


class PerfectPlayer:
    """Answers every prompt of some questions right, in all ways.

    Args:
        questions: The questions.
    """

    def __init__(self, questions: Sequence[Question]) -> None:
        self.answers: dict[str, str] = {}
        """Right replies by prompt."""
        for question in questions:
            trace, row = question.trace, question.row
            forward, backward = StateTree.forward(trace), StateTree.backward(trace)
            stop = Action(kind=ActionKind.BREAKPOINT, line=question.output_line)
            back, out = Action(kind=ActionKind.INV_STEP_CALL), Action(kind=ActionKind.STEP_RETURN)
            self.answers[direct_output_prompt(row)] = escape(row.output)
            self.answers[direct_input_prompt(row)] = escape(row.input)
            place = target_of(forward, 0, stop) if question.can_ask("output_breakpoint") else 0
            for tree, state, action in (
                (forward, 0, out),
                (forward, 0, stop),
                (forward, place, out),
                (backward, 0, back),
            ):
                self._add(tree, state, action)

    def _add(self, tree: StateTree, state: int, action: Action) -> None:
        shown = state_at(tree, state)
        expected = frame_of(
            tree.trace, state_at(tree, target_of(tree, state, action)), shown=shown, action=action
        )
        self.answers[prompt_of(tree.trace, frame_of(tree.trace, shown), action)] = print_frame(expected)

    def complete(self, prompt: str, *, instructions: str = "") -> str:
        """Return the right reply; an empty text for an unknown prompt."""
        return self.answers.get(prompt, "")


class ChancePlayer:
    """Knows the form of every answer, and takes output and input from a row that is drawn at random.

    `chance_level` gives its expected score on outputs.

    Args:
        questions: The questions.
        seed: Seed of the draws.
    """

    def __init__(self, questions: Sequence[Question], *, seed: int = 0) -> None:
        self._questions = questions
        self._rng = random.Random(f"crux: chance {seed}")

    def complete(self, prompt: str, *, instructions: str = "") -> str:
        """Return an answer of the right form with the values of some row."""
        drawn = self._rng.choice(self._questions)
        trace = drawn.trace
        source = trace.events[-1].line
        if prompt.endswith("<|argument|>"):
            return escape(drawn.row.output)
        if prompt.endswith("<|source|>"):
            return escape(drawn.row.input)
        text = trace.target.source.split("\n")[source - 1]
        if prompt.endswith("<|inv_step_call|>"):
            return print_frame(
                Frame(kind="inv_call", source="", locals=dict(state_at(StateTree.forward(trace), 0).locals))  # type: ignore[union-attr]
            )
        if prompt.endswith("<|step_return|>"):
            return print_frame(Frame(kind="return", source=text, argument=drawn.row.output))
        return print_frame(Frame(kind="line", source=text, locals={}))


def chance_level(questions: Sequence[Question]) -> float:
    """Return the expected share of right outputs of the chance player: the sum of squared shares of outputs.

    A row is answered with the output of a row that is drawn uniformly, itself included.

    Raises:
        ValueError: There are no questions.
    """
    if not questions:
        raise ValueError("there are no questions")
    counts = Counter(question.row.output for question in questions)
    return sum((count / len(questions)) ** 2 for count in counts.values())
