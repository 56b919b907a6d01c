"""Evaluation on rows like CruxEval's: players whose scores are known, and judging by execution."""

from __future__ import annotations

import json
from itertools import islice
from pathlib import Path

import pytest

from codefrontier.agents.debugging.crux_command import CruxCommand
from codefrontier.agents.debugging.crux_eval import (
    WAYS,
    ChancePlayer,
    PerfectPlayer,
    Question,
    accuracy,
    by_skipped,
    chance_level,
    direct_output_prompt,
    evaluate,
    gives_output,
    questions_of,
    same_value,
)
from codefrontier.judge import Judge
from codefrontier.problems.traces import CruxRow, family_rows, write_crux_rows

pytestmark = pytest.mark.sandbox
REST = "def f(a):\n    b = a % 2\n    return b\n"
RECURSIVE = "def f(n):\n    r = n + f(n - 1) if n else 0\n    return r\n"
OUTPUTS = {1: "1", 2: "0", 3: "1", 4: "0", 5: "1", 7: "1", 9: "1", 11: "1"}


@pytest.fixture(scope="module")
def rest(judge: Judge) -> list[Question]:
    rows = [CruxRow(id=f"r{a}", code=REST, input=str(a), output=out) for a, out in OUTPUTS.items()]
    questions, left_out = questions_of(judge, rows)
    assert not left_out
    return questions


def test_a_perfect_player_scores_exactly_1_in_every_way(judge: Judge) -> None:
    rows = [*islice(family_rows(0, held_out=True), 6), CruxRow(id="r", code=RECURSIVE, input="3", output="6")]
    texts = CruxRow(id="s", code="def f(s, n=2):\n    return (s + '<|line|>') * n\n", input="'a'", output="x")
    rows.append(CruxRow(id="s", code=texts.code, input="'a<\\\\|'", output=repr("a<\\|<|line|>" * 2)))
    questions, left_out = questions_of(judge, rows)
    assert not left_out
    results = evaluate(judge, PerfectPlayer(questions), questions)
    assert accuracy(results) == dict.fromkeys(WAYS, 1.0)
    groups = by_skipped(results)
    assert sum(each["rows"] for each in groups.values()) == len(rows)
    # The line of the last return of a recursion is reached in an inner call first.
    assert "output_breakpoint" not in results[6].right


def test_chance_is_as_computed_by_hand(judge: Judge, rest: list[Question]) -> None:
    # Outputs: six times 1 and twice 0, so a drawn output is right with (6/8)^2 + (2/8)^2 = 40/64.
    assert chance_level(rest) == 40 / 64
    ways = ("output_return", "direct_output")
    scores = [accuracy(evaluate(judge, ChancePlayer(rest, seed=seed), rest, ways=ways)) for seed in range(60)]
    for way in ways:
        assert sum(score[way] for score in scores) / 60 == pytest.approx(40 / 64, abs=0.07)
    # An input is right if it is odd where the output is 1, so the same share is expected.
    score = accuracy(evaluate(judge, ChancePlayer(rest, seed=1), rest * 4, ways=("input_call",)))
    assert score["input_call"] == pytest.approx(40 / 64, abs=0.25)
    same = [question for question in rest if question.row.output == "1"]
    assert chance_level(same) == 1.0
    assert accuracy(evaluate(judge, ChancePlayer(same), same)) == dict.fromkeys(WAYS, 1.0)


def test_inputs_are_judged_by_execution_and_must_be_literals(judge: Judge) -> None:
    row = CruxRow(id="r", code=REST, input="1", output="1")
    assert gives_output(judge, row, "a=3")
    assert gives_output(judge, row, "5,")
    assert not gives_output(judge, row, "2")
    assert not gives_output(judge, row, "'a'")
    assert not gives_output(judge, row, None)
    assert not gives_output(judge, row, "1, 2")
    for code in ("print(1)", "__import__('os')._exit(0)", "*[1]", "**{'a': 1}", "1)+(1", "1\n)\nprint(", "x"):
        assert not gives_output(judge, row, code)
    endless = CruxRow(
        id="r", code="def f(a):\n    print('\\ncodefrontier-result:1')\n    1 / 0\n", input="1", output="1"
    )
    assert not gives_output(judge, endless, "1")


@pytest.mark.parametrize(
    ("predicted", "output", "same"),
    [
        ("[1, 2]", "[1,2]", True),
        ("{1: 2, 3: 4}", "{3: 4, 1: 2}", True),
        ("(1, 2)", "[1, 2]", False),
        ("True", "1", False),
        ("'a'", '"a"', True),
        ("a", "'a'", False),
        (None, "None", False),
        ("<cut>", "<cut>", True),
        ("(" * 1000, "1", False),
    ],
)
def test_outputs_are_compared_as_values(predicted: str | None, output: str, same: bool) -> None:
    assert same_value(predicted, output) is same


def test_rows_that_are_wrong_are_left_out(judge: Judge) -> None:
    rows = [
        CruxRow(id="wrong", code=REST, input="1", output="0"),
        CruxRow(id="raises", code=REST, input="'%d %d'", output="0"),
        CruxRow(id="broken", code="def f(:\n", input="1", output="0"),
    ]
    questions, left_out = questions_of(judge, rows)
    assert not questions
    assert left_out["wrong"] == "the function returns 1, the row says 0"
    assert left_out["raises"].startswith("no whole trace: TypeError(")
    assert "does not compile" in left_out["broken"]


def test_the_command_writes_rows_and_scores_players(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "rows.jsonl"
    assert CruxCommand(rows="functions", count=3, write_rows=path).run() == 0
    assert capsys.readouterr().out == f"3 rows are in {path}\n"
    assert CruxCommand(rows=str(path), json=True).run() == 0
    document = json.loads(capsys.readouterr().out)
    assert document["accuracy"] == dict.fromkeys(WAYS, 1.0)
    assert CruxCommand(rows=str(path), agent="chance", ways=("direct_output",)).run() == 0
    assert "skipped states" in capsys.readouterr().out
    assert CruxCommand(rows=str(path), ways=("guess",)).run() == 2
    assert "ways must be of output_return" in capsys.readouterr().err
    assert CruxCommand(rows=str(path), agent="nobody").run() == 2
    assert "unknown agent 'nobody'" in capsys.readouterr().err
    write_crux_rows(tmp_path / "bad.jsonl", [CruxRow(id="w", code=REST, input="1", output="0")])
    assert CruxCommand(rows=str(tmp_path / "bad.jsonl")).run() == 2
    assert "no row can be asked: the function returns 1" in capsys.readouterr().err


def test_the_direct_prompt_holds_code_and_call() -> None:
    row = CruxRow(id="r", code=REST, input="'<|line|>'", output="1")
    assert direct_output_prompt(row) == f"<|trace|><|context|>{REST}<|source|>f('<\\|line|>')<|argument|>"
