"""The command line: exit statuses, messages and imports."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

import codefrontier
from codefrontier.cli import main
from codefrontier.subcommands import SUBCOMMANDS


def run(*words: str) -> subprocess.CompletedProcess[str]:
    program = "from codefrontier.cli import main; main()"
    environment = {**os.environ, "NO_COLOR": "1", "COLUMNS": "150"}
    return subprocess.run(
        [sys.executable, "-c", program, *words], capture_output=True, text=True, env=environment, check=False
    )


def status(words: list[str]) -> object:
    with pytest.raises(SystemExit) as caught:
        main(words)
    return caught.value.code


def test_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert status(["--help"]) == 0
    text = capsys.readouterr().out
    assert all(f"  {name} " in text for name in SUBCOMMANDS)


@pytest.mark.parametrize(
    ("words", "status"),
    [(["problems", "list", "classics"], 1), (["judge", "--help"], 141)],  # rich ends with 1
)
def test_a_reader_that_closes_the_pipe_early_gets_no_error(words: list[str], status: int) -> None:
    program = "from codefrontier.cli import main; main()"
    reads, writes = os.pipe()
    os.close(reads)
    try:
        ended = subprocess.run(
            [sys.executable, "-c", program, *words], stdout=writes, stderr=subprocess.PIPE, check=False
        )
    finally:
        os.close(writes)
    assert (ended.returncode, ended.stderr) == (status, b"")


def test_the_version_is_that_of_the_package_metadata(capsys: pytest.CaptureFixture[str]) -> None:
    assert status(["--version"]) == 0
    assert capsys.readouterr().out == f"codefrontier {version('codefrontier')}\n"
    assert codefrontier.__version__ == version("codefrontier")
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = codefrontier.nothing


def test_importing_the_package_does_not_read_its_metadata() -> None:
    program = "import sys, codefrontier; print('importlib.metadata' in sys.modules); codefrontier.__version__"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_no_command_and_an_unknown_one_are_bad_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert status([]) == 2
    assert status(["jugde"]) == 2
    assert "did you mean 'judge'?" in capsys.readouterr().err


@pytest.mark.parametrize("name", SUBCOMMANDS)
def test_every_command_says_what_it_takes(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert status([name, "--help"]) == 0
    assert f"codefrontier {name}" in capsys.readouterr().out


def test_a_command_without_models_imports_no_large_library() -> None:
    program = "import sys\nfrom codefrontier.subcommands import SUBCOMMANDS\n"
    program += "[SUBCOMMANDS[name].load() for name in ('judge', 'bench', 'merge')]\n"
    program += "print([name for name in ('torch', 'litellm', 'transformers') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("classics/pair-sums", "missing.py"), "missing.py"),
        (("classics/pair-sums", "notes.txt"), "unknown language"),
        (("classics/no-such", "good.py"), "no-such"),
        (("nowhere", "good.py"), "nowhere"),
        (("empty-package", "good.py"), "empty-package"),
        (("classics/pair-sums", "empty.py"), "the source is empty"),
        (("classics/pair-sums", "nul.py"), "NUL byte at offset 1"),
        (
            ("classics/pair-sums", "good.py", "--coverage", "nan"),
            "coverage must be a number in (0, 1], got nan",
        ),
        (("classics/pair-sums", "good.py", "--coverage", "0"), "coverage must be a number in (0, 1], got 0"),
        (
            ("classics/pair-sums", "good.py", "--coverage", "1.5"),
            "coverage must be a number in (0, 1], got 1.5",
        ),
        (("classics/pair-sums", "good.py", "--workers", "0"), "workers must be at least 1, got 0"),
        (("classics/pair-sums", "good.py", "--grace", "0.5"), "grace must be in [1, 100], got 0.5"),
        (("classics/pair-sums", "good.py", "--language", "cobol"), "cobol"),
        (("classics/pair-sums",), "source"),
    ],
)
def test_bad_input_to_judge_is_reported_with_status_2(
    words: tuple[str, ...],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "good.py").write_text("print(1)\n")
    (tmp_path / "notes.txt").write_text("print(1)\n")
    (tmp_path / "empty.py").write_text(" \n")
    (tmp_path / "nul.py").write_bytes(b"1\0")
    (tmp_path / "empty-package").mkdir()
    (tmp_path / "empty-package" / "problem.yaml").write_text("name: Nothing\n")
    assert status(["judge", *words]) == 2
    assert said in capsys.readouterr().err.replace("\n", " ")


@pytest.mark.sandbox
def test_judge_prints_the_runs_and_its_status_is_the_answer(tmp_path: Path) -> None:
    package = tmp_path / "echo"
    (package / "data" / "secret").mkdir(parents=True)
    (package / "problem.yaml").write_text("problem_format_version: 2023-07-draft\nname: Echo\n")
    (package / "problem_statement").mkdir()
    (package / "problem_statement" / "problem.en.md").write_text("Print the input.\n")
    (package / "data" / "secret" / "1.in").write_text("7\n")
    (package / "data" / "secret" / "1.ans").write_text("7\n")
    (tmp_path / "right.py").write_text("print(input())\n")
    (tmp_path / "odd.py").write_text("import sys\nsys.stdout.buffer.write(b'\\xff\\xfe')\n")
    right, odd = str(tmp_path / "right.py"), str(tmp_path / "odd.py")
    done = run("judge", str(package), right)
    assert (done.returncode, done.stderr) == (0, "")
    assert "AC (solved): 1 of 1 tests passed" in done.stdout
    done = run("judge", str(package), right, odd)
    assert (done.returncode, done.stderr) == (1, "")
    assert "WA (correctness): 0 of 1 tests passed" in done.stdout
