"""The files of a report, and the command that writes them."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest

from codefrontier.benchmarks.comparing.outcomes import read_played
from codefrontier.benchmarks.reporting import Findings, ReportPaths, find, read_source
from codefrontier.benchmarks.reporting.sections import summary_of
from codefrontier.cli import main

Command = Callable[..., tuple[int, str, str]]
Reported = tuple[ReportPaths, Findings, list[Path]]


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Command:
    """Run `codefrontier report` and return the exit status, stdout and stderr."""

    def run(*arguments: object) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(["report", *map(str, arguments)])
        assert isinstance(ended.value.code, int)
        captured = capsys.readouterr()
        return ended.value.code, captured.out, captured.err

    return run


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.long
def test_equal_records_give_equal_bytes_and_no_hidden_text(
    runs: list[Path], command: Command, tmp_path: Path, canary: str
) -> None:
    status, text, _ = command(*runs, "--out", tmp_path / "one", "--k", 1, "--k", 4)
    assert status == 0
    assert text.splitlines()[-1] == f"The report is {tmp_path / 'one' / 'report.html'}"
    moved = [path.rename(path.parent.parent / path.name) for path in runs]
    assert command(*moved, "--out", tmp_path / "two", "--k", 1, "--k", 4)[0] == 0
    first, second = contents(tmp_path / "one"), contents(tmp_path / "two")
    assert first == second
    assert {name.partition("/")[0] for name in first} == {
        "report.html",
        "report.md",
        "report.json",
        "figures",
        "tables",
        "lm-eval",
    }
    for name, data in first.items():
        assert canary.encode() not in data, name
        assert str(tmp_path).encode() not in data, name
        assert b"/home/" not in data, name
    assert canary in (moved[0] / "records.jsonl").read_text()


def test_the_page_holds_all_sections_and_loads_nothing(reported: Reported) -> None:
    paths, _, runs = reported
    page = paths.html.read_text()
    for key in ("rates", "outcomes", "frontier", "problems", "sets", "complementarity", "ensembles", "parts"):
        assert f'<section id="{key}">' in page
        assert f'<a href="#{key}">' in page
    for outside in ("http://", "https://", "@import", "url("):
        assert outside not in page.replace("http://www.w3.org/2000/svg", "")
    assert "<img src=x" not in page
    assert "&lt;img src=x" in page
    assert hashlib.sha256((runs[0] / "records.jsonl").read_bytes()).hexdigest() in page
    assert "temperature=0.7" in page
    assert "numpy 2.1.0" in page
    assert "c0ffee" in page
    assert [path.png.stem for path in paths.figures] == [
        "frontier",
        "outcomes",
        "heatmap",
        "sets",
        "complementarity",
        "ensembles",
    ]


def test_the_files_have_the_numbers_of_the_findings(reported: Reported) -> None:
    paths, findings, _ = reported
    folder = paths.html.parent
    document = json.loads(paths.json.read_text())
    rates = {run["run"]: run["passes"]["1"]["value"] for run in document["comparison"]["runs"]}
    with (folder / "tables" / "compare.csv").open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["kind"] == "rate" and not row["part"]]
    assert {row["run"]: float(row["estimate"]) for row in rows} == pytest.approx(rates)
    with (folder / "figures" / "heatmap.csv").open(newline="") as file:
        problems = list(csv.DictReader(file))
    assert len(problems) == 18
    means = {label: sum(float(row[label]) for row in problems) / 18 for label in findings.counts.labels}
    assert means == pytest.approx(rates, abs=1e-5)
    with (folder / "figures" / "ensembles.csv").open(newline="") as file:
        gains = [float(row["gain"]) for row in csv.DictReader(file)]
    assert gains == pytest.approx([row.found.gain.estimate for row in findings.ensembles], abs=1e-5)
    markdown = paths.markdown.read_text()
    assert "![" in markdown
    assert "## Ensembles" in markdown
    for path in paths.tables:
        assert path.stat().st_size > 0


def test_each_run_has_a_file_in_the_form_of_lm_evaluation_harness(reported: Reported) -> None:
    paths, findings, _ = reported
    rates = {run.run: run.passes[1] for run in findings.comparison.runs}
    files = sorted((paths.html.parent / "lm-eval").glob("*/results_*.json"))
    assert [path.parent.name for path in files][:2] == ["01-policy_alpha-0", "02-policy_alpha-0.5"]
    for path, run in zip(files, findings.runs, strict=True):
        content = json.loads(path.read_text())
        metrics = content["results"]["Classics-single"]
        assert metrics["pass@1,none"] == pytest.approx(rates[run.label].value)
        interval = rates[run.label].interval
        assert interval is not None
        assert metrics["pass@1_stderr,none"] == pytest.approx((interval.high - interval.low) / 4.2, rel=0.15)
        assert content["n-samples"] == {"Classics-single": {"original": 18, "effective": 18}}
        assert content["versions"] == {"Classics-single": 1}


@pytest.mark.skipif(not find_spec("lm_eval"), reason="lm_eval (tested with 0.4.13) is not installed")
def test_lm_evaluation_harness_finds_the_files_and_makes_its_table(reported: Reported) -> None:
    from lm_eval.utils import get_results_filenames, make_table

    paths, _, _ = reported
    files = [str(path) for path in (paths.html.parent / "lm-eval").rglob("*")]
    found = sorted(get_results_filenames(files))
    assert len(found) == 4
    table = make_table(json.loads(Path(found[0]).read_text()))
    assert "|Classics-single|" in table
    assert "pass@1" in table


def test_a_report_by_coverage_has_the_parts_of_the_comparison(
    runs: list[Path], command: Command, tmp_path: Path
) -> None:
    assert command(*runs[:2], "--by", "coverage", "--by", "difficulty", "--out", tmp_path / "out")[0] == 0
    parts = json.loads((tmp_path / "out" / "report.json").read_text())["parts"]
    assert set(parts) == {"difficulty", "coverage"}
    by_coverage = {
        part["value"]: {run["run"]: run["passes"]["1"]["value"] for run in part["comparison"]["runs"]}
        for part in parts["coverage"]
    }
    for coverage, rates in by_coverage.items():
        for run, label in zip(runs, ("policy:alpha-0", "policy:alpha-0.5"), strict=False):
            episodes = [each.at(float(coverage)) for each in read_played(run, tests=True)]
            valid = [each.solved for each in episodes if each.reward_valid]
            assert rates[label] == pytest.approx(sum(valid) / len(valid), abs=0.01)
    assert by_coverage["0.5"]["policy:alpha-0"] > by_coverage["1"]["policy:alpha-0"] + 0.2
    assert "By coverage" in (tmp_path / "out" / "report.md").read_text()


def test_the_summary_of_one_run_speaks_of_no_ensemble(runs: list[Path]) -> None:
    source = read_source(runs[2])
    rate = sum(episode.solved for episode in source.episodes) / 144
    assert summary_of(find([source])) == [
        "1 run on 18 shared problems in 18 clusters; 144 episodes count, 0 are invalid.",
        f"Highest pass@1: policy:alpha-1 with {rate:.3f}.",
    ]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "at least one run is needed"),
        (["nowhere"], "nowhere: is neither a file of records"),
        (["x", "--k", "0"], "k must be at least 1, got 0"),
        (["x", "--cutoff", "May"], "cutoff must be a month as YYYY-MM, got 'May'"),
        (["x", "--alpha", "low"], "alpha must be RUN=NUMBER, for example low=0, got 'low'"),
    ],
)
def test_bad_input_is_told_on_stderr_with_status_2(command: Command, arguments: list[str], told: str) -> None:
    status, out, err = command(*arguments)
    assert (status, out) == (2, "")
    assert told in " ".join(err.split())


def test_a_line_that_is_no_record_is_named(command: Command, tmp_path: Path) -> None:
    path = tmp_path / "records.jsonl"
    path.write_text('{"schema_version": 1}\n')
    status, _, err = command(path, "--out", tmp_path / "out")
    assert status == 2
    assert "line 1: not a record: problem_id" in " ".join(err.split())
    assert not (tmp_path / "out").exists()
