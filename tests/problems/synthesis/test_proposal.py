"""Reading the replies of teachers."""

from __future__ import annotations

import json

import pytest

from codefrontier.problems.synthesis import Form, Proposal, ProposalError, Reject, parse_proposal

GOOD = """Let me think. TITLE ideas: sums.

TITLE: Sum of squares
STATEMENT:
Add the squares of the numbers.

```
INPUTS: this heading is part of an example
```
FUNCTION:
```python
def f(numbers, shift):
    return sum((number + shift) ** 2 for number in numbers)
```
INPUTS:
```json
[[[1, 2], 0], [[], 1], [[-1], 2], [[5], 0], [[0, 0, 7], 3]]
```
"""
PROGRAM = """TITLE: Echo
STATEMENT:
Print the line.
PROGRAM:
```python
print(input())
```
COST: 500
INPUTS:
["a\\n", "b\\n", "c\\n", "d\\n", "e\\n"]
"""


def changed(old: str, new: str) -> str:
    assert old in GOOD
    return GOOD.replace(old, new)


def test_a_function_with_its_inputs_is_read() -> None:
    proposal = parse_proposal(GOOD)
    assert (proposal.title, proposal.form, proposal.cost) == ("Sum of squares", Form.FUNCTION, None)
    assert proposal.statement.startswith("Add the squares")
    assert "part of an example" in proposal.statement
    assert proposal.parameters == ("numbers", "shift")
    assert proposal.inputs[2] == [[-1], 2]
    assert proposal.stdin(0) == b"[1, 2]\n0\n"


def test_a_program_with_a_cost_is_read() -> None:
    proposal = parse_proposal(PROGRAM)
    assert (proposal.form, proposal.cost, proposal.stdin(1)) == (Form.PROGRAM, 500, b"b\n")
    assert proposal.parameters == ()


@pytest.mark.parametrize("text", [GOOD, PROGRAM])
def test_a_proposal_is_read_from_its_own_text(text: str) -> None:
    proposal = parse_proposal(text)
    assert parse_proposal(proposal.text()) == proposal


def test_the_last_proposal_of_a_reply_counts() -> None:
    assert parse_proposal(f"{GOOD}\nBetter:\n{PROGRAM}").title == "Echo"


@pytest.mark.parametrize(
    "heading", ["## TITLE: Sum of squares", "**TITLE**: Sum of squares", "TITLE : Sum of squares"]
)
def test_headings_may_be_decorated(heading: str) -> None:
    assert parse_proposal(changed("TITLE: Sum of squares", heading)).title == "Sum of squares"


@pytest.mark.parametrize(
    ("text", "reject", "message"),
    [
        ("", Reject.EMPTY, "no text"),
        (" \n\t", Reject.EMPTY, "no text"),
        ("x" * 100_001, Reject.TOO_LONG, "100,001 characters"),
        ("A poem about code.", Reject.FORMAT, "TITLE and STATEMENT and INPUTS missing"),
        (changed("FUNCTION:", "Function"), Reject.FORMAT, "exactly one of FUNCTION and PROGRAM"),
        (changed("def f", "def g"), Reject.FORMAT, "must define one function 'f'"),
        (changed("def f(numbers, shift)", "def f(numbers, shift"), Reject.FORMAT, "no Python"),
        (changed("numbers, shift)", "numbers, shift=1)"), Reject.FORMAT, "plain parameters"),
        (changed("(numbers, shift)", "()"), Reject.FORMAT, "at least one parameter"),
        (changed("[[[1, 2], 0], ", "["), Reject.FORMAT, "5 to 200 inputs, got 4"),
        (changed("[[[1, 2], 0]", "[[[1, 2]]"), Reject.FORMAT, "list of the 2 arguments"),
        (changed("[[5], 0]", "[[-1], 2]"), Reject.FORMAT, "5 different inputs, got 4"),
        (changed("[[5], 0]", "[[NaN], 0]"), Reject.FORMAT, "NaN is not allowed"),
        (changed("[[5], 0]", "[[5], 0"), Reject.FORMAT, "no JSON"),
        (changed("STATEMENT:", "TITLE: twice\nSTATEMENT: a\nSTATEMENT:"), Reject.FORMAT, "there twice"),
        (PROGRAM.replace("500", "a lot"), Reject.FORMAT, "COST must be"),
        (PROGRAM.replace('"a\\n"', "1"), Reject.FORMAT, "must be a text"),
        (changed("Add the", "Add \ud800 the"), Reject.FORMAT, "surrogate"),
        (PROGRAM.replace('"a\\n"', '"\\ud800"'), Reject.FORMAT, "no JSON"),
        (changed("shift) ** 2", "shift)" + " + 1" * 3000), Reject.FORMAT, "no Python"),
        (changed("def f", "((" * 5000 + "def f"), Reject.FORMAT, "no Python"),
    ],
)
def test_what_is_no_proposal_is_refused_with_a_reason(text: str, reject: Reject, message: str) -> None:
    with pytest.raises(ProposalError, match=message) as error:
        parse_proposal(text)
    assert error.value.reject is reject


def test_json_that_is_nested_too_deeply_is_refused() -> None:
    deep = "[" * 30_000 + "]" * 30_000
    with pytest.raises(ProposalError, match="INPUTS"):
        parse_proposal(changed(json.dumps([[5], 0]), deep))


def test_the_inputs_of_a_function_are_json_lines() -> None:
    proposal = Proposal(
        title="t", statement="s", form=Form.FUNCTION, code="def f(a): return a\n", inputs=([{"k": "é"}],) * 5
    )
    assert json.loads(proposal.stdin(0)) == {"k": "é"}
