from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import gymnasium
import pytest

from codefrontier.envs import environment_ids, register_environments
from codefrontier.problems import Problem

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


def test_there_are_nine_sets_in_three_modes() -> None:
    ids = environment_ids()
    assert len(ids) == len(set(ids)) == 27
    assert {"Classics-single", "ClassicsEasy-tool", "LCB-tool", "LCBMedium-single", "LCBHard-agentic"} <= set(
        ids
    )


def test_registering_twice_changes_nothing(recwarn: pytest.WarningsRecorder) -> None:
    before = gymnasium.spec("LCBHard-agentic")
    register_environments()
    assert gymnasium.spec("LCBHard-agentic") is before
    assert not recwarn.list


def test_metadata_holds_the_version(problem: Problem) -> None:
    env = gymnasium.make("Classics-single", problems=[problem])
    assert env.metadata == {"render_modes": [], "version": 1}


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
