"""What a teacher writes: a problem in a fixed text form, with code and inputs, and without outputs.

    TITLE: Count the vowels
    STATEMENT:
    What the problem asks, in Markdown.
    FUNCTION:
    ```python
    def f(text):
        return sum(letter in "aeiou" for letter in text)
    ```
    INPUTS:
    ```json
    [["hello"], [""], ["xyz"], ["aeiou"], ["banana"]]
    ```

Each element of INPUTS is the list of the arguments of one call. With PROGRAM in place of FUNCTION the code is
a program from standard input to standard output, and each element is the text of one input. An optional line
`COST: 22000` limits the lines and jumps that a Python program may execute. Text before the last TITLE, such
as the reasoning of a model, is ignored. Outputs are never read from a proposal: they are computed.
"""

from __future__ import annotations

import ast
import json
import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from .rejects import Reject

LONGEST_REPLY = 100_000
"""Default of the most characters of a reply."""
FEWEST_INPUTS = 5
MOST_INPUTS = 200
NAME = "f"
"""Name of the function of a proposal."""
_SECTIONS = ("TITLE", "STATEMENT", "FUNCTION", "PROGRAM", "COST", "INPUTS")
_HEAD = re.compile(rf"[#*\s]*({'|'.join(_SECTIONS)})\**\s*:\**[ \t]*(.*)")
_FENCE = re.compile(r"\s*(```+|~~~+)")
_LONGEST_TITLE = 200


class ProposalError(Exception):
    """A reply is no proposal.

    Args:
        message: What is wrong.
        reject: Reason for the counts.
    """

    def __init__(self, message: str, reject: Reject = Reject.FORMAT) -> None:
        super().__init__(message)
        self.reject = reject


class Form(StrEnum):
    """What the code of a proposal is."""

    FUNCTION = "function"
    """A function `f`, called with the arguments of an input."""
    PROGRAM = "program"
    """A program that reads an input and prints an output."""


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """A problem as a teacher proposes it."""

    title: str
    statement: str = field(repr=False)
    form: Form
    code: str = field(repr=False)
    inputs: tuple[Any, ...] = field(repr=False)
    """Lists of arguments, or texts for a program."""
    cost: int | None = None
    """Most line and jump events of a Python program; None is unlimited."""

    def text(self) -> str:
        """Return the proposal in the form that `parse_proposal` reads."""
        cost = "" if self.cost is None else f"COST: {self.cost}\n"
        return (
            f"TITLE: {self.title}\nSTATEMENT:\n{self.statement.strip()}\n{self.form.upper()}:\n```python\n"
            f"{self.code.rstrip()}\n```\n{cost}INPUTS:\n```json\n{json.dumps(list(self.inputs))}\n```\n"
        )

    def stdin(self, place: int) -> bytes:
        """Return the bytes of an input as a test case has them: a JSON value per line for a function."""
        given = self.inputs[place]
        if self.form is Form.PROGRAM:
            return str(given).encode()
        return "".join(f"{json.dumps(value)}\n" for value in given).encode()

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names of the parameters of the function; empty for a program."""
        if self.form is Form.PROGRAM:
            return ()
        return _parameters(_function(ast.parse(self.code)))


def parse_proposal(text: str, *, longest: int = LONGEST_REPLY) -> Proposal:
    """Read the reply of a teacher. The code is parsed and not run.

    Args:
        text: The reply.
        longest: Most characters of a reply.

    Raises:
        ProposalError: The reply is no proposal; the message says why.
    """
    if not text.strip():
        raise ProposalError("the reply has no text", Reject.EMPTY)
    if len(text) > longest:
        message = f"the reply has {len(text):,} characters; at most {longest:,} are read"
        raise ProposalError(message, Reject.TOO_LONG)
    if any("\ud800" <= letter <= "\udfff" for letter in text):
        raise ProposalError("the reply has half of a surrogate pair, which no file can hold")
    parts = _sections(text)
    missing = [name for name in ("TITLE", "STATEMENT", "INPUTS") if not parts.get(name, "").strip()]
    kinds = [form for form in Form if form.upper() in parts]
    if missing or len(kinds) != 1:
        wrong = (
            f"{' and '.join(missing)} missing" if missing else "exactly one of FUNCTION and PROGRAM needed"
        )
        raise ProposalError(f"the reply is no proposal: {wrong}")
    (form,) = kinds
    code = _fenced(parts[form.upper()])
    _check_code(code, form)
    return Proposal(
        title=" ".join(parts["TITLE"].split())[:_LONGEST_TITLE],
        statement=parts["STATEMENT"].strip(),
        form=form,
        code=code,
        inputs=_inputs(_fenced(parts["INPUTS"]), form, code),
        cost=_cost(parts["COST"]) if "COST" in parts else None,
    )


def _sections(text: str) -> dict[str, str]:
    """Return the text of each section after the last TITLE; headings within fences are text."""
    found: dict[str, list[str]] = {}
    current: list[str] = []
    fence = ""
    for line in text.split("\n"):
        marker = _FENCE.match(line)
        head = None if fence else _HEAD.fullmatch(line)
        if marker:
            fence = "" if fence and marker[1].startswith(fence) else fence or marker[1]
        if head:
            if head[1] == "TITLE":
                found = {}
            elif head[1] in found:
                raise ProposalError(f"the section {head[1]} is there twice")
            current = found.setdefault(head[1], [head[2]])
        else:
            current.append(line)
    return {name: "\n".join(lines) for name, lines in found.items()}


def _fenced(text: str) -> str:
    """Return what stands between the first two fences of a section; without fences, the whole section."""
    lines = text.split("\n")
    places = [place for place, line in enumerate(lines) if _FENCE.match(line)]
    inside = lines[places[0] + 1 : places[1]] if len(places) > 1 else lines
    return "\n".join(inside).strip("\n") + "\n"


def _check_code(code: str, form: Form) -> None:
    try:
        tree = ast.parse(code)
        ast.dump(tree)  # what is nested too deeply for this could not be compared with other proposals
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ProposalError(f"the code is no Python: {error}") from error
    if form is Form.FUNCTION:
        _parameters(_function(tree))
    elif not tree.body:
        raise ProposalError("the program is empty")


def _function(tree: ast.Module) -> ast.FunctionDef:
    found = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == NAME]
    if len(found) != 1:
        raise ProposalError(f"the code must define one function {NAME!r}, it defines {len(found)}")
    return found[0]


def _parameters(function: ast.FunctionDef) -> tuple[str, ...]:
    given = function.args
    if given.vararg or given.kwarg or given.kwonlyargs or given.posonlyargs or given.defaults:
        raise ProposalError(f"the function {NAME!r} must have plain parameters without defaults")
    if not given.args:
        raise ProposalError(f"the function {NAME!r} needs at least one parameter")
    return tuple(each.arg for each in given.args)


def _inputs(text: str, form: Form, code: str) -> tuple[Any, ...]:
    try:
        inputs = json.loads(text, parse_constant=_no_constant)
        # Python reads escapes of lone surrogates, and cannot encode the text.
        json.dumps(inputs, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise ProposalError(f"INPUTS is no JSON: {error}") from error
    if not isinstance(inputs, list) or not FEWEST_INPUTS <= len(inputs) <= MOST_INPUTS:
        count = len(inputs) if isinstance(inputs, list) else repr(inputs)[:40]
        raise ProposalError(f"INPUTS must be a list of {FEWEST_INPUTS} to {MOST_INPUTS} inputs, got {count}")
    if form is Form.PROGRAM:
        if not all(isinstance(each, str) for each in inputs):
            raise ProposalError("each input of a program must be a text")
    else:
        wanted = len(_parameters(_function(ast.parse(code))))
        if not all(isinstance(each, list) and len(each) == wanted for each in inputs):
            raise ProposalError(f"each input must be a list of the {wanted} arguments of {NAME!r}")
    different = {json.dumps(each, sort_keys=True) for each in inputs}
    if len(different) < FEWEST_INPUTS:
        raise ProposalError(f"INPUTS must hold {FEWEST_INPUTS} different inputs, got {len(different)}")
    return tuple(inputs)


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not allowed")


def _cost(text: str) -> int:
    words = text.split()
    if len(words) != 1 or not words[0].isdecimal() or not 0 < int(words[0]) < 10**12:
        raise ProposalError(f"COST must be a whole number from 1 to 10^12, got {text.strip()!r:.60}")
    return int(words[0])
