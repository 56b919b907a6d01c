"""The examples of the pages, run in order: what they print is what the page says."""

from __future__ import annotations

import contextlib
import io
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

pytestmark = pytest.mark.sandbox
DOCS = Path(__file__).parents[2] / "docs"
FENCE = re.compile(
    r"(?P<mark><!-- run -->\n)?^(?P<fence>```+)(?P<language>\w*)\n(?P<text>.*?)^(?P=fence)$",
    re.DOTALL | re.MULTILINE,
)
ELSEWHERE = {"environments": "## In other libraries", "real_model": "## The loop"}
"""The examples below these headings are run by tests/envs/adapters/test_examples.py. The loop, which needs a
model, is run by tests/integration/test_real_model.py."""
PAGES = [
    "agents",
    "debugger",
    "environments",
    "equilibrium",
    "functions",
    "installation",
    "judge",
    "problems",
    "verification",
]
LONG = ["exchange", "quickstart", "records", "rollouts", "training_algorithms", "training_environments"]


@dataclass(frozen=True, kw_only=True)
class Example:
    """A block that is run."""

    shell: bool
    source: str
    output: str | None
    """What the page shows below it, if it shows anything."""


def examples_of(page: str) -> list[Example]:
    """Read the blocks of a page that are run, each with the block of output that follows at once."""
    text = (DOCS / f"{page}.md").read_text()
    text = text.partition(ELSEWHERE[page])[0] if page in ELSEWHERE else text
    blocks = list(FENCE.finditer(text))
    found = []
    for block, following in zip(blocks, [*blocks[1:], None][: len(blocks)], strict=True):
        if block["language"] != "python" and not block["mark"]:
            continue
        adjacent = following is not None and not text[block.end() : following.start()].strip()
        shown = following["text"] if following and adjacent and not following["language"] else None
        found.append(Example(shell=block["language"] == "shell", source=block["text"], output=shown))
    return found


def pattern_of(output: str) -> str:
    """Turn a shown output into a pattern: `...` stands for any lines, or for the rest of a line."""
    lines = []
    for line in output.splitlines():
        if line == "...":
            lines.append(r"(?:.*\n)*")
        elif line.endswith("..."):
            lines.append(re.escape(line.removesuffix("...")) + r".*\n")
        else:
            lines.append(re.escape(line) + r"[ ]*\n")
    return "".join(lines)


def run_shell(source: str) -> str:
    """Run a block of commands as a user with the active environment does."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    command = ["bash", "-euo", "pipefail", "-c", source]
    done = subprocess.run(
        command, env={**os.environ, "PATH": path}, capture_output=True, text=True, timeout=200, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def run_python(source: str, namespace: dict[str, object]) -> str:
    """Run a block of Python in the namespace of its page."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(source, "an example", "exec"), namespace)
    return printed.getvalue()


def check(page: str) -> None:
    """Run the examples of a page in the current folder."""
    namespace: dict[str, object] = {"__name__": "__main__"}
    examples = examples_of(page)
    assert examples, f"docs/{page}.md has no examples"
    for example in examples:
        printed = run_shell(example.source) if example.shell else run_python(example.source, namespace)
        if example.output is not None:
            expected = pattern_of(example.output)
            printed = f"{printed.rstrip()}\n"
            assert re.fullmatch(expected, printed), (
                f"{example.source}\nprinted\n{printed}\nnot\n{example.output}"
            )


@pytest.fixture
def in_empty_folder(tmp_path: Path) -> Iterator[None]:
    with contextlib.chdir(tmp_path):
        yield


@pytest.mark.parametrize("page", PAGES)
def test_the_examples_of_a_page_print_what_it_shows(page: str, in_empty_folder: None) -> None:
    check(page)


@pytest.mark.long
@pytest.mark.parametrize("page", LONG)
def test_the_examples_of_a_page_that_take_long_print_what_it_shows(page: str, in_empty_folder: None) -> None:
    check(page)


def test_every_page_with_examples_is_run() -> None:
    pages = {path.stem for path in DOCS.glob("*.md") if examples_of(path.stem)}
    assert pages == {*PAGES, *LONG}


def test_an_output_with_gaps_matches_what_has_more_lines() -> None:
    assert re.fullmatch(pattern_of("...\nab...\nlast\n"), "first\nsecond\nabc\nlast  \n")
    assert not re.fullmatch(pattern_of("...\nlast\n"), "first\nlast one\n")
