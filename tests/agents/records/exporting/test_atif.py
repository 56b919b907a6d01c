"""Trajectories: the rules of the format, and, where Harbor is installed, its own validator."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from codefrontier.agents import EpisodeRecord
from codefrontier.agents.records.command import ExportRecordsCommand
from codefrontier.agents.records.exporting import export_trajectories
from codefrontier.agents.records.exporting.atif import trajectory_of

AGENT_ONLY = {"model_name", "reasoning_effort", "reasoning_content", "tool_calls", "metrics"}
STEP = {"step_id", "source", "message", "observation", "llm_call_count", "extra", *AGENT_ONLY}
ROOT = {"schema_version", "session_id", "trajectory_id", "agent", "steps", "final_metrics", "extra"}


def check(trajectory: dict[str, Any]) -> None:
    """Check the rules of ATIF 1.7 on which Harbor insists."""
    assert set(trajectory) <= ROOT
    assert set(trajectory["agent"]) <= {"name", "version", "model_name", "extra"}
    steps = trajectory["steps"]
    assert [step["step_id"] for step in steps] == list(range(1, len(steps) + 1)) != []
    assert trajectory["final_metrics"]["total_steps"] == len(steps)
    for step in steps:
        assert set(step) <= STEP
        assert step["source"] in ("system", "user", "agent")
        assert isinstance(step["message"], str)
        assert step["source"] == "agent" or not AGENT_ONLY & set(step)
        assert step.get("llm_call_count") or not {"metrics", "reasoning_content"} & set(step)
        calls = {call["tool_call_id"] for call in step.get("tool_calls", ())}
        for result in step.get("observation", {}).get("results", ()):
            assert result.get("source_call_id") in {None, *calls}


def test_every_episode_has_a_trajectory_and_no_hidden_text(
    exported: Path, tmp_path: Path, secret: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ExportRecordsCommand(run_path=exported, to=tmp_path / "out", format="atif").run() == 0
    assert capsys.readouterr().out == f"9 trajectories are in {tmp_path / 'out'}\n"
    paths = sorted((tmp_path / "out").glob("*/*.json"))
    assert len(paths) == 9
    trajectories = [json.loads(path.read_bytes()) for path in paths]
    assert len({each["trajectory_id"] for each in trajectories}) == 9
    for path, trajectory in zip(paths, trajectories, strict=True):
        check(trajectory)
        assert secret not in path.read_text()
    (failed,) = (each["extra"] for each in trajectories if not each["extra"]["reward_valid"])
    assert failed["failure"] == "judge failed: CheckerError"
    assert not {"reward", "verdict", "failure_class"} & set(failed)


def test_observations_are_told_once_and_calls_have_their_results(native_tools: EpisodeRecord) -> None:
    trajectory = trajectory_of(native_tools)
    check(trajectory)
    steps = trajectory["steps"]
    assert [step["source"] for step in steps] == ["system", "user", "agent", "agent"]
    assert steps[2]["reasoning_content"].startswith("Think ≤")
    assert [call["function_name"] for call in steps[2]["tool_calls"]] == ["run_samples", "python"]
    assert steps[2]["observation"]["results"] == [
        {"source_call_id": "c1", "content": "1 of 2 samples passed."},
        {"source_call_id": "c2", "content": "out"},
    ]
    assert trajectory["final_metrics"]["total_cost_usd"] == 0.5
    assert (trajectory["extra"]["verdict"], trajectory["extra"]["verdicts"]) == ("AC", {"AC": 2})


def test_tokens_are_those_that_were_read_and_sampled(text_tools: EpisodeRecord) -> None:
    trajectory = trajectory_of(text_tools)
    check(trajectory)
    first, second = (step["metrics"] for step in trajectory["steps"] if step["source"] == "agent")
    assert (first["prompt_token_ids"], first["completion_token_ids"]) == ([1, 2], [3])
    assert (second["prompt_token_ids"], second["completion_token_ids"]) == ([1, 2, 3, 4], [5, 6])
    assert second["logprobs"] == [-0.25, -1.0]
    assert trajectory["steps"][-1]["observation"] == {"results": [{"content": "No tool call."}]}


@pytest.mark.skipif(not find_spec("harbor"), reason="harbor (tested with 0.26.0) is not installed")
def test_harbor_accepts_the_trajectories(exported: Path, tmp_path: Path) -> None:
    from harbor.utils.trajectory_validator import TrajectoryValidator

    export_trajectories(exported, tmp_path / "out")
    validator = TrajectoryValidator()
    for path in (tmp_path / "out").glob("*/*.json"):
        assert validator.validate(path), validator.get_errors()
