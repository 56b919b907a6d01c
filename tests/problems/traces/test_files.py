"""Files of traces and of rows, and the functions that are made of family programs."""

from __future__ import annotations

import importlib.util
import json
import random
import sys
from itertools import islice
from pathlib import Path

import pytest

from codefrontier.problems import ProblemError
from codefrontier.problems.families.bugs import bug_sites
from codefrontier.problems.families.execution import answer
from codefrontier.problems.families.micro.programs import ProgramPlan, write_program
from codefrontier.problems.families.micro.spec import CELLS, COMBINATIONS, Spec
from codefrontier.problems.traces import (
    CruxRow,
    Trace,
    family_function,
    family_rows,
    read_crux_rows,
    read_traces,
    write_crux_rows,
    write_traces,
)
from codefrontier.problems.traces.family_functions import call_family_function


def random_traces(count: int) -> list[Trace]:
    name = "random_traces"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
        assert spec is not None
        assert spec.loader is not None
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    rng = random.Random(0)
    return [sys.modules[name].random_trace(rng) for _ in range(count)]


def test_traces_are_read_as_they_were_written(tmp_path: Path) -> None:
    traces = random_traces(20)
    written = write_traces(tmp_path / "t", traces)
    assert (written.traces, written.events) == (20, sum(len(trace.events) for trace in traces))
    assert list(read_traces(tmp_path / "t")) == traces == list(read_traces(written.path))
    with pytest.raises(FileExistsError):
        write_traces(tmp_path / "t", traces)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"schema_version": 2}, "schema_version 1"),
        ({"events": [["call", 0, 1, "f", {}]]}, "a list of 6 items"),
        ({"events": [["jump", 0, 1, "f", {}, None]]}, "'jump'"),
        ({"events": [["line", 0, 1, "f", {}, None]]}, "event 0 is at depth 0 after depth -1"),
        ({"events": [["call", 0, 1, "f", {"a": 1}, None]]}, "must be texts"),
        ({"events": [["call", 0, 1, "f", {}, "x"]]}, "has an argument"),
        ({"events": [["call", True, 1, "f", {}, None]]}, "whole numbers"),
        ({"end": "later"}, "end and cut must be known"),
        ({"entry": "f("}, "the name of a function"),
        ({"source": None, "output": 3}, "must be texts"),
    ],
)
def test_a_line_that_is_no_trace_is_named_with_its_fault(
    tmp_path: Path, change: dict[str, object], message: str
) -> None:
    path = tmp_path / "x.jsonl"
    document = json.loads(random_traces(1)[0].to_json())
    path.write_text(json.dumps({**document, **change}) + "\n")
    with pytest.raises(ProblemError, match=rf"x.jsonl, line 1: .*{message}"):
        list(read_traces(path))


def test_rows_of_cruxeval_are_read_and_written(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    rows = list(islice(family_rows(1), 5))
    assert write_crux_rows(path, rows) == 5
    assert read_crux_rows(path) == rows
    published = {"code": "def f(s):\n    return s[::-1]", "input": "'ab'", "output": "'ba'", "id": "sample_9"}
    path.write_text(json.dumps(published) + "\n\n" + json.dumps({**published, "id": "sample_10"}) + "\n")
    first, second = read_crux_rows(path)
    assert (first.id, second.id, first.target.arguments) == ("sample_9", "sample_10", "'ab'")
    for text, message in (
        ("", "there are no rows"),
        ('{"code": "def f(a): pass"}', "line 1: a row needs code, input, output; input, output is missing"),
        ("[1]", "line 1: a row must be an object"),
        ('{"code": "x", "input": "", "output": ""}', "must define the function f"),
    ):
        path.write_text(text)
        with pytest.raises(ProblemError, match=message):
            read_crux_rows(path)


def test_a_family_function_returns_what_its_program_prints() -> None:
    rng = random.Random(0)
    for _ in range(40):
        spec = Spec(cell=rng.choice(CELLS), combination=rng.choice(COMBINATIONS))
        program = write_program(spec, rng.choice(list(ProgramPlan)))
        array = rng.choices(range(-9, 10), k=12)
        printed = answer(program, f"1\n{' '.join(map(str, array))}\n".encode())
        assert f"{call_family_function(family_function(program), array)}\n".encode() == printed
        for site in bug_sites(program)[:2]:
            assert family_function(site.apply(program)) != family_function(program)
    with pytest.raises(ValueError, match="no program of the micro families"):
        family_function("print(1)")


def test_family_rows_repeat_themselves_and_are_right() -> None:
    rows = list(islice(family_rows(3, bug_share=0.5), 10))
    assert rows == list(islice(family_rows(3, bug_share=0.5), 10))
    assert rows != list(islice(family_rows(4, bug_share=0.5), 10))
    for row in rows:
        assert isinstance(row, CruxRow)
        assert repr(call_family_function(row.code, json.loads(row.input))) == row.output
    with pytest.raises(ValueError, match="bug_share"):
        next(family_rows(0, bug_share=2))
