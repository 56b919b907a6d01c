from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from codefrontier.agents import read_episodes
from codefrontier.benchmarks.demo import demo_config, free_folder
from codefrontier.cli import main
from codefrontier.problems import load_problems

Run = Callable[..., int]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run `codefrontier bench` on one problem, with the arguments added, and return the exit status."""

    def run_bench(*arguments: str, agent: str = "silent") -> int:
        common = ["bench", "--env", "Classics-single", "--agent", agent, "--problems", "missing-ticket"]
        with pytest.raises(SystemExit) as ended:
            main([*common, "--out", str(tmp_path / "run"), *arguments])
        assert isinstance(ended.value.code, int)
        return ended.value.code

    return run_bench


@pytest.mark.sandbox
def test_several_answers_are_a_flag(run: Run, tmp_path: Path) -> None:
    assert run("--answers", "2", agent="reference") == 0
    [episode] = read_episodes(tmp_path / "run" / "records.jsonl").episodes
    assert episode.env_kwargs["answers"] == 2
    assert [answer.judgement.verdict.value for answer in episode.answers] == ["AC"]


@pytest.mark.sandbox
def test_a_benchmark_prints_its_table_and_where_the_records_are(
    run: Run, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert run("--agent", "wrong", agent="reference") == 0
    printed = capsys.readouterr().out
    assert "Classics-single" in printed
    for word in ("reference", "wrong", "easy", "0.25", "0.5"):
        assert word in printed
    assert f"2 episodes are recorded in {tmp_path / 'run' / 'records.jsonl'}" in printed


def test_an_error_is_told_on_stderr_with_status_2(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(agent="genius") == 2
    captured = capsys.readouterr()
    assert "unknown agent 'genius'" in captured.err
    assert captured.out == ""


def test_a_folder_in_use_is_refused_with_status_2(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run() == 0
    assert run() == 2
    assert "is not empty" in capsys.readouterr().err
    assert run("--resume") == 0


@pytest.mark.parametrize("arguments", [("--samples", "0"), ("--temperature", "9"), ("--language", "cobol")])
def test_bad_usage_ends_with_status_2(
    run: Run, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]
) -> None:
    assert run(*arguments) == 2
    assert arguments[0].strip("-") in capsys.readouterr().err


def test_a_server_that_is_not_there_is_named_before_anything_is_played(
    run: Run, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert run("--api-base", "http://127.0.0.1:9/v1", agent="litellm:openai/nobody") == 2
    told = capsys.readouterr().err
    assert "litellm:openai/nobody cannot play: the server http://127.0.0.1:9/v1 cannot be reached" in told
    assert not (tmp_path / "run").exists()


def test_the_demo_plays_one_problem_of_each_difficulty_in_three_modes(tmp_path: Path) -> None:
    config = demo_config(tmp_path, workers=2)
    difficulties = {problem.id: problem.difficulty for problem in load_problems("classics")}
    assert [difficulties[problem_id] for problem_id in config.problems] == ["easy", "medium", "hard"]
    assert config.env == ("Classics-single", "Classics-tool", "Classics-agentic")


def test_the_demo_takes_the_next_free_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert free_folder() == Path("runs/demo")
    Path("runs/demo").mkdir(parents=True)
    assert free_folder() == Path("runs/demo-2")
