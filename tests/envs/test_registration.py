from __future__ import annotations

import json
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import gymnasium
import pytest
from gymnasium.envs.registration import EnvSpec

from codefrontier.envs import environment_ids, register_environments
from codefrontier.problems import Problem, ProblemError

HEAVY = (
    "torch",
    "litellm",
    "pydantic",
    "yaml",
    "huggingface_hub",
    "codefrontier.problems",
    "codefrontier.judge",
)


def run_python(program: str) -> Any:
    """Run a program in a fresh interpreter and return the JSON it prints."""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_importing_the_package_registers_every_environment_and_loads_little() -> None:
    loaded, ids = run_python(
        "import sys, json, codefrontier, gymnasium;"
        "print(json.dumps([sorted(sys.modules), sorted(gymnasium.registry)]))"
    )
    assert set(environment_ids()) <= set(ids)
    assert not [name for name in HEAVY if name in loaded]


def test_importing_the_package_costs_little_beyond_gymnasium() -> None:
    seconds = run_python(
        "import time, gymnasium, json; start = time.process_time(); import codefrontier;"
        "print(json.dumps(time.process_time() - start))"
    )
    assert seconds < 0.1


def test_an_id_that_names_the_module_needs_no_import() -> None:
    env_id = run_python(
        "import gymnasium, json;"
        "env = gymnasium.make('codefrontier:ClassicsEasy-agentic', problems=['pair-sums']);"
        "print(json.dumps(env.spec.id))"
    )
    assert env_id == "ClassicsEasy-agentic"


SETS = (
    "Classics ClassicsEasy ClassicsMedium ClassicsHard LCB LCBEasy LCBMedium LCBHard CodeContests TACO APPS"
)


def test_there_are_thirteen_sets_in_three_modes() -> None:
    sets = [*SETS.split(), "CodeContests", "TACO", "APPS", "Families", "Verification"]
    expected = {f"{name}-{mode}" for name in sets for mode in ("single", "tool", "agentic")}
    assert set(environment_ids()) == expected
    assert len(environment_ids()) == len(expected) == 39


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("LCBHrd-agentic", "LCBHard-agentic"),
        ("Classic-single", "Classics-single"),
        ("LCBHard-agentic-v1", "LCBHard-agentic"),
        ("TACO-tol", "TACO-tool"),
    ],
)
def test_a_wrong_id_is_answered_with_the_right_one(wrong: str, right: str) -> None:
    with pytest.raises(gymnasium.error.Error, match=f"`{right}`"):
        gymnasium.make(wrong)


@pytest.mark.parametrize("prefix", ["LCB", "CodeContests", "TACO", "APPS"])
def test_a_set_without_its_data_says_so(prefix: str, tmp_path: Path) -> None:
    with pytest.raises(ProblemError, match=r"none\.jsonl"):
        gymnasium.make(f"{prefix}-single", data=tmp_path / "none.jsonl")


def test_rows_on_disk_are_played(tmp_path: Path, fake_judge: Any) -> None:
    row = {
        "id": 7,
        "question": "Print twice the number.",
        "solutions": json.dumps(["print(2 * int(input()))"]),
        "input_output": json.dumps({"inputs": ["1\n"], "outputs": ["2\n"]}),
        "difficulty": "interview",
        "url": "",
        "starter_code": "",
    }
    file = tmp_path / "test.jsonl"
    file.write_text(json.dumps(row) + "\n")
    env = gymnasium.make("APPS-tool", data=file, judge=fake_judge)
    observation, _ = env.reset(seed=0)
    assert "Print twice the number." in observation
    submit = json.dumps({"name": "submit", "arguments": {"code": "print(2 * int(input()))"}})
    assert env.step(submit)[1] == 1.0


@pytest.mark.parametrize("mode", ["single", "tool", "agentic"])
def test_a_spec_makes_the_same_environment_again(mode: str) -> None:
    env = gymnasium.make(f"ClassicsEasy-{mode}", coverage=0.5, feedback="verdict", max_submissions=2)
    assert env.spec is not None
    again = gymnasium.make(EnvSpec.from_json(env.spec.to_json()))
    assert again.spec == env.spec
    assert again.unwrapped.settings == env.unwrapped.settings  # type: ignore[attr-defined]
    assert gymnasium.make(pickle.loads(pickle.dumps(env.spec))).spec == env.spec


def test_registering_twice_changes_nothing(recwarn: pytest.WarningsRecorder) -> None:
    before = gymnasium.spec("LCBHard-agentic")
    register_environments()
    assert gymnasium.spec("LCBHard-agentic") is before
    assert not recwarn.list


def test_metadata_holds_the_version(problem: Problem) -> None:
    env = gymnasium.make("Classics-single", problems=[problem])
    assert env.metadata == {"render_modes": ["ansi", "human"], "render_fps": 1, "version": 3}


def test_the_spec_of_an_environment_leaves_a_shared_judge_out(problem: Problem, fake_judge: Any) -> None:
    env = gymnasium.make("Classics-single", problems=["pair-sums"], coverage=0.5, judge=fake_judge)
    assert env.spec is not None
    assert env.spec.kwargs == {
        "problem_set": "classics",
        "difficulty": None,
        "problems": ["pair-sums"],
        "coverage": 0.5,
    }
    assert "judge" not in env.spec.to_json()
