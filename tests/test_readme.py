"""Every block of README is run, or, where that would take minutes, its commands are read by the program."""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import subprocess
import sys
import tomllib
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import tyro

from codefrontier.subcommands import SUBCOMMANDS

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)
LINES = [line for language, text in BLOCKS if language == "shell" for line in text.splitlines()]
COMMANDS = [line for line in LINES if line.startswith("codefrontier ")]
RUN = {
    "codefrontier doctor",
    "codefrontier bench --env Classics-single --agent reference --agent wrong --limit 2 --out runs/first",
    "codefrontier bench --resume --out runs/first",
    "codefrontier judge classics/easy-changes solution.py",
}
"""The commands that take seconds. The others, which train, prove or serve, are only parsed."""
SOLUTION = """
from bisect import bisect_left, bisect_right
n, m, low, high = map(int, input().split())
buses, trains = ([int(word) for word in input().split()] for _ in range(2))
print(sum(bisect_right(trains, bus + high) - bisect_left(trains, bus + low) for bus in buses))
"""


def parse(line: str) -> Any:
    """Read a command line as `codefrontier` does, without running the command."""
    words = shlex.split(line)[1:]
    length = 2 if " ".join(words[:2]) in SUBCOMMANDS else 1
    kind = SUBCOMMANDS[" ".join(words[:length])].load()
    rest = words[length:]
    return (
        kind.parse(rest, prog=line)
        if hasattr(kind, "parse")
        else tyro.cli(kind, args=rest, config=(tyro.conf.OmitArgPrefixes,))
    )


@pytest.mark.sandbox
def test_the_python_blocks_print_what_is_shown_below_them() -> None:
    namespace: dict[str, Any] = {}
    shown = 0
    for (language, source), (_, output) in pairwise(BLOCKS):
        if language == "python":
            printed = io.StringIO()
            with contextlib.redirect_stdout(printed):
                exec(source, namespace)
            assert printed.getvalue() == output
            shown += 1
    assert shown == README.count("```python\n")


@pytest.mark.sandbox
@pytest.mark.long
def test_the_commands_of_seconds_run_in_their_order(tmp_path: Path) -> None:
    (tmp_path / "solution.py").write_text(SOLUTION)
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    chosen = [line for line in COMMANDS if line in RUN]
    assert set(chosen) == RUN
    for line in chosen:
        done = subprocess.run(
            shlex.split(line), cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
    assert len((tmp_path / "runs" / "first" / "records.jsonl").read_text().splitlines()) == 4


@pytest.mark.parametrize("line", [line for line in COMMANDS if line not in RUN])
def test_the_other_commands_are_understood(line: str) -> None:
    assert parse(line) is not None


def test_an_unknown_flag_would_be_found() -> None:
    with pytest.raises(SystemExit):
        parse("codefrontier serve runs/merged --prot 8000")


def test_the_other_lines_name_files_and_extras_that_exist() -> None:
    rest = [line for line in LINES if line not in COMMANDS]
    assert rest == [". .venv/bin/activate", "EXTRAS=agents,viewer tools/venv.sh"]
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    assert {"agents", "viewer"} <= set(extras)
    assert os.access(ROOT / "tools" / "venv.sh", os.X_OK)


def test_the_targets_of_make_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"`make ([a-z-]+)`", README))
    assert {"demo", "test"} <= named <= targets


def test_every_link_leads_to_a_file() -> None:
    links = {link for link in re.findall(r"\]\(([^)]+)\)", README) if "://" not in link}
    assert links
    assert [link for link in sorted(links) if not (ROOT / link.partition("#")[0]).exists()] == []


def test_every_folder_of_the_package_is_in_the_table() -> None:
    packages = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]
    folders = {name.split(".")[1] for name in packages if "." in name}
    assert folders <= set(re.findall(r"`(\w+)/`", README))
