from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from codefrontier.problems import Problem, load_package, load_problems
from codefrontier.problems.command import (
    ExportCommand,
    ImportCommand,
    ListProblemsCommand,
    ShowProblemCommand,
    StatisticsCommand,
)

Files = Callable[..., Path]


def test_a_list_has_a_line_per_problem_and_opens_no_tests(
    lcb: Files, capsys: pytest.CaptureFixture[str]
) -> None:
    file = lcb(
        {"question_id": "abc350_c"},
        {"question_id": "one", "question_title": "First of all", "private_test_cases": "broken"},
    )
    assert ListProblemsCommand(set="lcb", data=file).run() == 0
    said = capsys.readouterr().out
    assert "First of all" in said
    assert "1 problems, 1 left out\nleft out: abc350_c: known bad: wrong tests" in said


def test_a_list_as_json_has_tags_and_contests(
    lcb: Files, package: Files, capsys: pytest.CaptureFixture[str]
) -> None:
    def listed(name: str, data: Path | None = None) -> dict[str, object]:
        assert ListProblemsCommand(set=name, data=data, json=True).run() == 0
        row = json.loads(capsys.readouterr().out)["problems"][0]
        return {key: row[key] for key in ("contest", "contest_date", "tags")}

    file = lcb({"platform": "atcoder", "contest_id": "abc350", "contest_date": "2024-04-20T00:00:00"})
    assert listed("lcb", file) == {"contest": "atcoder abc350", "contest_date": "2024-04-20", "tags": []}
    none = {"contest": None, "contest_date": None}
    folder = package({"problem.yaml": "name: A\nkeywords: dp graphs\nlimits: {time_limit: 1}"})
    assert listed(str(folder)) == {**none, "tags": ["dp", "graphs"]}
    (problem,) = load_problems("microfamilies:test:1")
    (family,) = problem.tags
    assert problem.id.startswith(f"{family}-")
    assert listed("microfamilies:test:1") == {**none, "tags": [family]}


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("dp, graphs, *1800", ("dp", "graphs")),
        ("['Mathematics', \"Number theory\"]", ("Mathematics", "Number theory")),
        ("[]", ()),
        ("", ()),
    ],
)
def test_tags_are_read_as_each_source_writes_them(
    problem_of: Callable[..., Problem], text: str, tags: tuple[str, ...]
) -> None:
    problem = replace(problem_of((b"", b"")), metadata={"tags": text})
    assert problem.tags == tags
    assert problem.contest is None


def test_statistics_count_what_is_there(package: Files, capsys: pytest.CaptureFixture[str]) -> None:
    package({"problem.yaml": "name: A\ndifficulty: easy\nlimits: {time_limit: 1}"}, name="set/a")
    package({"submissions/accepted/a.py": "print()"}, name="set/b")
    root = package({"data/secret/02.in": "1", "data/secret/02.ans": "1"}, name="set/c").parent
    assert StatisticsCommand(set=str(root)).run() == 0
    lines = dict(
        line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines() if "left" not in line
    )
    assert lines["problems"] == "3"
    assert lines["difficulty"] == "1 easy, 2 none"
    assert lines["submissions"] == "1 accepted"
    assert lines["tests"] == "4 (1 to 2 per problem), 13 bytes of input"
    assert lines["time"] == "limit  1 to 2 s"


def test_a_problem_is_shown_with_its_samples(
    package: Files, lcb: Files, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = package()
    assert ShowProblemCommand(problem=str(folder)).run() == 0
    said = capsys.readouterr().out
    assert f"digest: {load_package(folder).digest()}" in said
    assert "sample/1 answer\n3\n" in said
    assert "7\n" not in said, "hidden answers are not shown"
    file = lcb({})
    assert ShowProblemCommand(problem="1000_A", data=file).run() == 0
    assert ShowProblemCommand(problem="2000_B", data=file).run() == 2
    assert "no problem '2000_B'" in capsys.readouterr().err


def test_import_and_export_tell_how_many(
    lcb: Files, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = lcb({"question_id": "a"}, {"question_id": "b"})
    ours, back = tmp_path / "ours", tmp_path / "back.jsonl"
    assert ImportCommand(source=str(file), to=ours).run() == 0
    assert "2 problems written" in capsys.readouterr().out
    assert ImportCommand(source=str(file), to=ours).run() == 0
    assert "0 problems written to" in capsys.readouterr().out
    assert ExportCommand(set=str(ours), to=back, format="lcb").run() == 0
    assert [json.loads(line)["question_id"] for line in back.read_text().splitlines()] == ["a", "b"]
    assert ExportCommand(set=str(ours), to=back, format="lcb").run() == 2
    assert "there already" in capsys.readouterr().err
    assert ExportCommand(set=str(ours), to=tmp_path / "icpc").run() == 0
    assert load_package(tmp_path / "icpc" / "a").limits.time_s == 6


def test_what_cannot_be_done_is_status_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    nowhere = str(tmp_path / "nowhere")
    assert ListProblemsCommand(set=nowhere).run() == 2
    assert StatisticsCommand(set=nowhere).run() == 2
    assert ShowProblemCommand(problem=nowhere).run() == 2
    assert ImportCommand(source=nowhere, to=tmp_path / "to").run() == 2
    assert ExportCommand(set=nowhere, to=tmp_path / "to").run() == 2
    assert capsys.readouterr().err.count("nowhere") == 5
