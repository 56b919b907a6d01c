"""Every script of `examples/` runs as its first lines say, and prints what it is meant to show."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "examples"
QUICK = {
    "neural_debugger": r"18 states; a walk as training data draws it:\n(  \w+ (\d )? *<\|frame\|>.*\n){5}"
    r"\[stopped at main\.py:1: def digits\(n\):\]\nbreak -> \[breakpoint at line 6: return total\]\n"
    r"continue -> \[stopped at main\.py:6 in digits: return total\]\n"
    r"return -> \[about to return 11 at main\.py:6 in digits: return total\]\n",
    "function_tasks": r"(\w+: reward 1\.0\n){4}",
    "own_agent": r"missing-ticket accepted with reward 1\.0\n",
    "own_problem": r"different-numbers is proved\nthe slow program gets TLE\n",
    "rollout_backend": r"(reward 0\.16, advantage -0\.42: .*\nreward 1\.00, advantage \+0\.42: .*\n){2}",
    "synthesize_problems": r"5 of 6 proposals kept, rejected: {'duplicate_behaviour': 1}\n"
    r"(syn-00000[01]-0[0-2]  pass rate 0\.\d{3}  bin (easy|medium|easy-medium) .*\n){5}",
    "verifiers": r"((first|longest): top-1 0\.364 \[.*\], chance 0\.364\n){2}",
}
LONG = {
    "benchmark_two_models": r"wrong solves 0\.00\nreference solves 1\.00\n"
    r"second minus first: 1\.000 \[1\.000, 1\.000\]\n",
    "equilibrium": r"1 outer steps solve 0\.\d\d\n4 outer steps solve (0\.\d\d|1\.00)\n"
    r"32 outer steps solve (0\.[6-9]\d|1\.00)\n",
    "merge_and_serve": r"(alpha-(?P<alpha>-?\d\.5): effective alpha (?P=alpha)0\n){3}"
    r"alpha-0\.5 answered with \d+ tokens\n",
    "own_algorithm": r"step 1: mean reward 0\.[4-7]\d\n(step \d: .*\n){4}"
    r"step 6: mean reward (0\.[89]\d|1\.00)\n",
}
PRINTED = QUICK | LONG
EXTRAS = {
    "equilibrium": ("torch",),
    "merge_and_serve": ("torch", "fastapi", "litellm"),
    "own_algorithm": ("torch",),
}


def run(name: str, folder: Path) -> str:
    """Run an example in an empty folder and return what it printed."""
    for package in EXTRAS.get(name, ()):
        if importlib.util.find_spec(package) is None:
            pytest.skip(f"{package} is not installed")
    done = subprocess.run(
        [sys.executable, FOLDER / f"{name}.py"],
        cwd=folder,
        env={**os.environ, "TMPDIR": str(folder)},
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.sandbox
@pytest.mark.parametrize("name", QUICK)
def test_an_example_prints_what_it_shows(name: str, tmp_path: Path) -> None:
    assert re.fullmatch(QUICK[name], run(name, tmp_path))


@pytest.mark.long
@pytest.mark.sandbox
@pytest.mark.parametrize("name", LONG)
def test_a_longer_example_prints_what_it_shows(name: str, tmp_path: Path) -> None:
    assert re.fullmatch(LONG[name], run(name, tmp_path))


def test_every_example_is_run_and_short_and_says_how_to_run_it() -> None:
    scripts = {path.stem: path.read_text() for path in FOLDER.glob("*.py")}
    assert set(scripts) == set(PRINTED)
    for name, text in scripts.items():
        assert len(text.splitlines()) < 60
        assert text.startswith('"""')
        assert f"    python examples/{name}.py" in text.split('"""')[1]
