"""Sweeps: what is merged, compared and drawn, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from codefrontier.agents import EpisodeRecord
from codefrontier.benchmarks.config import BenchConfig
from codefrontier.benchmarks.errors import BenchError
from codefrontier.benchmarks.sweeping.command import SweepCommand
from codefrontier.benchmarks.sweeping.plan import SweepPlan, claim
from codefrontier.benchmarks.sweeping.results import evaluate, result_sheets, write_results
from codefrontier.benchmarks.sweeping.stages import begun_in
from codefrontier.merging.recipes.recipe_file import parse_recipe

FILES = {
    "config.json": '{"architectures": ["Tiny"], "torch_dtype": "float32"}',
    "tokenizer.json": "{}",
}


@pytest.fixture
def pair(tmp_path: Path) -> Path:
    """Write two small checkpoints, low and high, and return their folder."""
    random = np.random.default_rng(0)
    weights = random.normal(0, 1, (30, 20)).astype("<f4")
    header = json.dumps({"w": {"dtype": "F32", "shape": [30, 20], "data_offsets": [0, 2400]}}).encode()
    for name, change in (("low", 0.0), ("high", 0.1)):
        folder = tmp_path / name
        folder.mkdir()
        for file, text in FILES.items():
            (folder / file).write_text(text)
        data = (weights + change * random.normal(0, 1, weights.shape)).astype("<f4").tobytes()
        (folder / "model.safetensors").write_bytes(len(header).to_bytes(8, "little") + header + data)
    (tmp_path / "ties.yaml").write_text(
        "merge_method: ties\nbase_model: low\nmodels: [{model: high}]\n"
        "parameters: {weight: 1, density: 0.5}\n"
    )
    return tmp_path


def command(pair: Path, *words: object) -> SweepCommand:
    return SweepCommand.parse([*map(str, words), "--out", str(pair / "out")], prog="merge sweep")


def test_a_recipe_is_merged_at_each_value(pair: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command(pair, pair / "ties.yaml", "--alphas", "0.5:1.5:0.5").run() == 0
    assert sorted(path.name for path in (pair / "out" / "merges").iterdir()) == [
        "lambda-0.5",
        "lambda-1",
        "lambda-1.5",
    ]
    printed = capsys.readouterr()
    assert "lambda-1.5" in printed.out
    assert "merging 100%" in printed.err
    found = json.loads((pair / "out" / "results.json").read_text())
    assert [merge["lambda"] for merge in found["merges"].values()] == [0.5, 1, 1.5]


def test_negative_values_follow_their_flag(pair: Path, capsys: pytest.CaptureFixture[str]) -> None:
    two = ("--low", pair / "low", "--high", pair / "high")
    assert command(pair, *two, "--alphas", "-0.5:0.5:0.5", "--json").run() == 0
    document = json.loads(capsys.readouterr().out)
    assert [merge["place"] for merge in document["merges"].values()] == [-0.5, 0, 0.5]
    assert document["merges"]["alpha-0"]["identical"][0] == 1


def test_the_same_command_does_not_merge_again(pair: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = (pair / "ties.yaml", "--alphas", "0.5,1")
    assert command(pair, *words).run() == 0
    merged = pair / "out" / "merges" / "lambda-1"
    times = {path: path.stat().st_mtime_ns for path in merged.iterdir()}
    assert command(pair, *words).run() == 0
    assert {path: path.stat().st_mtime_ns for path in merged.iterdir()} == times
    data = bytearray((pair / "high" / "model.safetensors").read_bytes())
    data[-1] ^= 1
    (pair / "high" / "model.safetensors").write_bytes(data)
    capsys.readouterr()
    assert command(pair, *words).run() == 2
    assert "was merged from other weights of" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--alphas", "0,1"), "give a recipe, or --low and --high"),
        (("{ties}", "--low", "a", "--alphas", "0,1"), "but not both"),
        (("{ties}", "--alphas", "0:1"), "START:STOP:STEP"),
        (("{ties}", "--alphas", "0,1", "--serve"), "give --bench"),
        (("{ties}", "--alphas", "0,1", "--bench", "X", "--device", "cpu"), "give --serve"),
        (("{ties}", "--alphas", "0,1", "--bench", "X", "--api-base", "http://x"), "leave out --api-base"),
        (("--low", "{low}", "--high", "gone", "--alphas", "0,1"), "gone: is neither a folder"),
        (("{ties}", "--alphas", "0,1", "--k", "0"), "k must be at least 1, got 0"),
        (("{ties}", "--alphas", "0,1", "--threads", "0"), "threads must be at least 1, got 0"),
    ],
)
def test_bad_input_is_told_and_leaves_nothing(
    words: tuple[str, ...], message: str, pair: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = [word.format(ties=pair / "ties.yaml", low=pair / "low") for word in words]
    assert command(pair, *given).run() == 2
    assert message in capsys.readouterr().err
    assert not (pair / "out").exists()


@pytest.mark.skipif(find_spec("torch") is None, reason="needs torch")
def test_a_missing_gpu_is_told_and_leaves_nothing(pair: Path, capsys: pytest.CaptureFixture[str]) -> None:
    if import_module("torch").cuda.is_available():
        pytest.skip("this host has a GPU")
    assert command(pair, pair / "ties.yaml", "--alphas", "0,1", "--merge-device", "cuda").run() == 2
    assert "sees no GPU: use the device cpu" in capsys.readouterr().err
    assert not (pair / "out").exists()


def test_a_staircase_is_a_negative_answer(pair: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ("--low", pair / "low", "--high", pair / "high", "--alphas", "0.5,0.50000000001")
    assert command(pair, *words).run() == 1
    printed = capsys.readouterr().err
    assert "alpha 0.5 and 0.50000000001" in printed
    assert "--force" in printed
    assert not (pair / "out" / "merges").exists()
    assert command(pair, *words, "--force").run() == 0
    assert "warning: alpha 0.5" in capsys.readouterr().err


LINE = parse_recipe({"merge_method": "lerp", "models": [{"model": "a"}, {"model": "b"}]}, where="test")


def plan_of(out: Path, **changes: Any) -> SweepPlan:
    bench = BenchConfig(env=("Classics-single",), agent=("silent",), out=out, samples=2)
    plan = SweepPlan(recipe=LINE, relative_to=Path(), values=(0.0, 1.0, 1.5), out=out, bench=bench)
    return replace(plan, **changes)


def test_a_folder_belongs_to_one_sweep(tmp_path: Path) -> None:
    plan = plan_of(tmp_path / "out")
    (tmp_path / "out").mkdir()
    claim(plan)
    claim(replace(plan, values=(0.0, 1.0)))  # nothing was begun
    claim(plan)
    (tmp_path / "out" / "merges").mkdir()
    claim(plan)
    assert plan.bench
    claim(replace(plan, bench=replace(plan.bench, workers=9)))  # decides no result
    with pytest.raises(BenchError, match=r"another sweep \(values: \[0\.0, 1\.0, 1\.5\] -> \[2\.0\]\)"):
        claim(replace(plan, values=(2.0,)))
    with pytest.raises(BenchError, match=r"another sweep \(seed: 0 -> 1\)"):
        claim(replace(plan, bench=replace(plan.bench, seed=1)))
    (tmp_path / "out" / "sweep.json").unlink()
    with pytest.raises(BenchError, match="is not empty and contains no sweep"):
        claim(plan)


@pytest.fixture
def played_sweep(
    tmp_path: Path, episode: Callable[..., EpisodeRecord]
) -> tuple[SweepPlan, dict[str, list[EpisodeRecord]]]:
    """Return a sweep whose merges are described, and records in which alpha 1.5 crashes."""
    plan = plan_of(tmp_path / "out")
    outcomes = {"alpha-0": "AC TLE", "alpha-1": "AC AC", "alpha-1.5": "RTE AC"}
    episodes = {}
    for name, verdicts in outcomes.items():
        (plan.merges / name).mkdir(parents=True)
        measured = {"effective": [0.5], "identical": [0.1, 0.2]}
        content = {"output": {"digest": name}, "measured": measured}
        (plan.merges / name / "merge.json").write_text(json.dumps(content))
        episodes[name] = [
            episode(verdicts, problem_id=f"p{problem}", problem_digest=f"d{problem}", sample=sample)
            for problem in range(4)
            for sample in range(2)
        ]
    return plan, episodes


def test_merges_are_compared_and_the_gate_judges_what_is_beyond_the_parents(
    played_sweep: tuple[SweepPlan, dict[str, list[EpisodeRecord]]],
) -> None:
    plan, episodes = played_sweep
    (result,) = evaluate(plan, episodes, ks=(1, 2), truncated="count")
    assert result.comparison
    assert [run.run for run in result.comparison.runs] == ["alpha-1", "alpha-0", "alpha-1.5"]
    assert len(result.comparison.pairs) == 3 * 2
    assert [(finding.alpha, finding.verdict.value) for finding in result.findings] == [(1.5, "damage")]
    (failures,) = [sheet for sheet in result_sheets(result) if "failure" in sheet.title]
    assert failures.rows[0][:3] == ("alpha-0", "8", "0.000 [0.000, 0.000]")
    assert "gate at 1.5: damage" in failures.notes[0]


def test_equal_records_give_equal_files(
    played_sweep: tuple[SweepPlan, dict[str, list[EpisodeRecord]]],
) -> None:
    pytest.importorskip("matplotlib", reason="the extra report is not installed")
    plan, episodes = played_sweep
    paths = write_results(plan, evaluate(plan, episodes, ks=(1,), truncated="count"))
    names = {path.name for path in paths}
    assert {"frontier-Classics-single.png", "comparison-Classics-single.csv", "results.json"} <= names
    first = {path: path.read_bytes() for path in paths}
    write_results(plan, evaluate(plan, episodes, ks=(1,), truncated="count"))
    assert {path: path.read_bytes() for path in paths} == first


def test_too_few_problems_are_a_note_and_no_error(
    played_sweep: tuple[SweepPlan, dict[str, list[EpisodeRecord]]],
) -> None:
    plan, episodes = played_sweep
    one = {name: found[:2] for name, found in episodes.items()}
    (result,) = evaluate(plan, one, ks=(1,), truncated="count")
    assert result.frontier is None
    assert result.notes[0].startswith("no frontier: every checkpoint must have")


def test_a_benchmark_that_was_killed_before_its_config_is_begun_anew(tmp_path: Path) -> None:
    plan = plan_of(tmp_path)
    assert plan.bench
    out = plan.records("alpha-0")
    assert not begun_in(plan.bench, out).resume
    out.mkdir(parents=True)
    (out / "records.jsonl").touch()
    begun = begun_in(plan.bench, out)
    assert (begun.out, begun.resume) == (out, False)
    assert not out.exists()
    out.mkdir()
    (out / "config.json").write_text("{}")
    (out / "records.jsonl").write_text("kept")
    assert begun_in(plan.bench, out).resume
    assert (out / "records.jsonl").read_text() == "kept"
