"""The commands `codefrontier traces record` and `codefrontier traces rows`."""

from __future__ import annotations

import json
from pathlib import Path

import gymnasium
import pytest

from codefrontier.agents import EpisodeWriter, make_agent, rollout
from codefrontier.agents.debugging.command import RecordTracesCommand, TraceRowsCommand
from codefrontier.agents.debugging.trace_sources import targets_of
from codefrontier.problems import ProblemError
from codefrontier.problems.traces import read_traces

pytestmark = pytest.mark.sandbox


def test_functions_are_recorded_twice_with_the_same_bytes_and_become_rows(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("a", "b"):
        command = RecordTracesCommand(source="functions", to=tmp_path / name, count=5, seed=2, bug_share=0.5)
        assert command.run() == 0
        assert capsys.readouterr().out.startswith("5 traces with ")
    assert (tmp_path / "a" / "traces.jsonl").read_bytes() == (tmp_path / "b" / "traces.jsonl").read_bytes()
    for form, least in (("walks", 10), ("transitions", 30)):
        rows = tmp_path / f"{form}.jsonl"
        assert TraceRowsCommand(traces=tmp_path / "a", to=rows, form=form, json=True).run() == 0  # type: ignore[arg-type]
        count = json.loads(capsys.readouterr().out)["rows"]
        assert count >= least
        assert len(rows.read_text().splitlines()) == count
    assert RecordTracesCommand(source="functions", to=tmp_path / "a").run() == 2
    assert "traces.jsonl" in capsys.readouterr().err


def test_a_folder_of_programs_is_recorded_and_what_does_not_compile_is_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "double.py").write_text("print(2 * int(input()))\n")
    (tmp_path / "double.in").write_text("4\n")
    (tmp_path / "wrong.py").write_text("print(\n")
    assert RecordTracesCommand(source=str(tmp_path), to=tmp_path / "t").run() == 0
    assert "not recorded: 1 does not compile" in capsys.readouterr().out
    (trace,) = read_traces(tmp_path / "t")
    assert (trace.target.id, trace.output) == ("double", "8\n")


def test_rows_records_and_problem_sets_are_sources(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text('{"code": "def f(a):\\n    return a", "input": "1", "output": "1"}\n')
    (target,) = targets_of(str(path), count=3)
    assert (target.id, target.entry) == ("sample_0", "f")
    programs = list(targets_of("classics", count=3))
    assert programs[0].id.startswith("balanced-split/0/")
    assert programs[0].entry is None
    assert programs[0].input
    with pytest.raises(ProblemError, match="no problem set 'nowhere'"):
        list(targets_of("nowhere", count=1))
    path.write_text("{}\n")
    with pytest.raises(ProblemError, match=r"a row needs .*; nor are there records"):
        list(targets_of(str(path), count=1))
    with pytest.raises(ValueError, match="count must be at least 1"):
        targets_of("functions", count=0)


def test_accepted_submissions_of_records_are_a_source(tmp_path: Path) -> None:
    with EpisodeWriter(tmp_path / "records.jsonl") as writer:
        for name in ("reference", "wrong"):
            env = gymnasium.make("ClassicsEasy-single", problems=["pair-sums"])
            writer.write(rollout(make_agent(name), env, seed=0))
            env.close()
    targets = list(targets_of(str(tmp_path), count=9))
    assert targets
    assert {target.id.partition("/")[0] for target in targets} == {"pair-sums#0"}
    assert targets == list(targets_of(str(tmp_path / "records.jsonl"), count=9))
    assert all(target.source and target.input and target.entry is None for target in targets)
