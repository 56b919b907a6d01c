"""Bad inputs to every command on the real command line give a sentence and a status, never a traceback."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from codefrontier.problems import classics_root

PROGRAM = "from codefrontier.cli import main; main()"
Runner = Callable[..., subprocess.CompletedProcess[str]]
GROUPS = ("judge", "problems", "records", "train")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("place")
    (place / "file").write_text("x\n")
    (place / "good.py").write_text("print(1)\n")
    (place / "folder.py").mkdir()
    (place / "bytes").write_bytes(b"\xff\xfe\n")
    (place / "empty").mkdir()
    # Only one problem: counting the tests of all would generate them, which takes minutes without a cache.
    (place / "classic").symlink_to(classics_root() / "pair-sums")
    return place


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        yield taken.getsockname()[1]


@pytest.fixture
def run(place: Path, run_command: Runner) -> Runner:
    return partial(run_command, place)


BAD: list[tuple[str, str]] = [
    ("judge classics/pair-sums none.py", "'none.py' (SOURCES): no such file or directory"),
    ("judge classics/pair-sums folder.py", "'folder.py' (SOURCES): is a directory"),
    ("judge file good.py", "file"),
    ("judge none good.py", "none"),
    ("judge calibrate --repeats 1", "repeats must be at least 3, got 1"),
    ("judge serve --token-file none", "'none' (--token-file): no such file or directory"),
    ("judge serve --token-file empty", "'empty' (--token-file): is a directory"),
    ("judge serve --token-file bytes", "byte 0xff at offset 0"),
    ("judge serve --port 70000", "port must be in [0, 65535], got 70000"),
    ("judge serve --host 192.0.2.1", "cannot listen on 192.0.2.1:8090 (--host)"),
    ("problems check classics --out file", "'file' (--out): file exists"),
    ("problems check none", "none"),
    ("problems list none", "none"),
    ("problems list lcb --data none", "none"),
    ("problems show classics/none", "none"),
    ("problems stats empty", "empty"),
    ("problems import none --to x", "none"),
    ("problems verification --from none --to x", "none"),
    ("problems verification --check none", "none"),
    ("verifiers none", "none"),
    ("select none --verifier first", "none"),
    ("problems import classics --to file", "file"),
    ("problems export classics --to file", "file"),
    ("records validate none", "none"),
    ("records stats empty", "empty"),
    ("records merge none --to x", "none"),
    ("records export none --to x", "none"),
    ("regrade none --to x", "none"),
    ("view none", "none"),
    ("bench --env Classics-single --agent reference --out file", "file: is not a folder"),
    ("bench --env Classics-single --agent replay:none --out x", "none"),
    ("demo --out file", "file"),
    ("check-env None-single", "None"),
    ("check-env Classics-single --keywords [", "--keywords must be a JSON object, got '['"),
    ("merge --low none --high none --alpha 0.5 --out x", "none"),
    ("merge sweep none --alphas 0,1 --out x", "'none' (RECIPE): no such file or directory"),
    ("merge sweep bytes --alphas 0,1 --out x", "is neither YAML nor JSON"),
    ("merge sweep file --alphas -1:1:0.3 --out x", "must contain an object"),
    ("merge soup none empty --out x", "none: is neither a folder nor"),
    ("merge soup empty empty --out x", "is named twice"),
]


@pytest.mark.parametrize(("words", "said"), BAD, ids=[words for words, _ in BAD])
def test_a_bad_input_is_reported_in_a_sentence_with_status_2(run: Runner, words: str, said: str) -> None:
    done = run(*words.split())
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    assert "[Errno" not in done.stderr
    assert said in done.stderr
    told = done.stderr.strip().splitlines()
    assert told[0].startswith("error: ")
    assert len(told) <= 2


@pytest.mark.parametrize("command", ["judge serve"])
def test_a_port_that_is_taken_is_named(run: Runner, taken_port: int, command: str) -> None:
    done = run(*command.split(), "--port", str(taken_port))
    assert done.returncode == 2
    assert done.stderr.startswith(
        f"error: cannot listen on 127.0.0.1:{taken_port} (--port): address already in use"
    )
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("name", GROUPS)
def test_a_group_alone_prints_its_commands(run: Runner, name: str) -> None:
    done = run(name)
    assert (done.returncode, done.stderr) == (2, "")
    assert done.stdout.startswith(f"usage: codefrontier {name} COMMAND")
    helped = run(name, "--help")
    assert (helped.returncode, helped.stdout.startswith(done.stdout[:-1])) == (0, True)


@pytest.mark.parametrize(
    ("words", "near"),
    [
        ("problems lst", "problems list"),
        ("judge srve", "judge serve"),
        ("recrods", "records"),
        ("train sfr", "train sft"),
        ("records exprot", "records export"),
        ("docter", "doctor"),
    ],
)
def test_a_misspelt_command_is_answered_with_a_similar_command(run: Runner, words: str, near: str) -> None:
    done = run(*words.split())
    assert done.returncode == 2
    assert f"there is no command {words!r}; did you mean {near!r}?" in done.stderr


@pytest.mark.parametrize(
    "words",
    [
        "problems list classics",
        "problems list classics --json",
        "problems show classics/pair-sums",
        "problems stats classic",
        "--help",
        "problems",
        "judge --help",
    ],
)
def test_output_that_cannot_be_written_is_an_error(run: Runner, words: str) -> None:
    done = run(*words.split(), stdout="/dev/full")
    assert done.returncode == 2
    assert done.stderr == "error: cannot write to standard output: no space left on device\n"


@pytest.mark.parametrize("words", ["problems list classics", "problems show classics/pair-sums", "--help"])
def test_a_locale_without_unicode_spells_out_what_it_lacks(place: Path, words: str) -> None:
    plain = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
    done = subprocess.run(  # a new interpreter, which reads the locale
        [sys.executable, "-c", PROGRAM, *words.split()],
        capture_output=True,
        text=True,
        cwd=place,
        env={**os.environ, "NO_COLOR": "1", "COLUMNS": "80", **plain},
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.isascii()


@pytest.mark.parametrize(
    "words",
    [
        "problems list classics --json",
        "problems list classics --difficulty easy --json",
        "problems stats classic --json",
        "problems show classics/pair-sums --json",
    ],
)
def test_json_is_all_there_is_on_standard_output(run: Runner, words: str) -> None:
    done = run(*words.split())
    assert (done.returncode, done.stderr) == (0, "")
    assert isinstance(json.loads(done.stdout), dict)


@pytest.mark.sandbox
def test_judge_prints_json_and_keeps_its_status(run: Runner) -> None:
    done = run("judge", "classics/pair-sums", "good.py", "--samples", "--json")
    assert (done.returncode, done.stderr) == (1, "")
    (found,) = json.loads(done.stdout)["judgements"]
    assert (found["source"], found["verdict"]) == ("good.py", "WA")


@pytest.mark.sandbox
def test_bench_prints_json_and_nothing_else(run: Runner) -> None:
    words = "bench --env Classics-single --agent silent --problems pair-sums --out played --json"
    done = run(*words.split())
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert (found["episodes"], found["invalid"], found["records"]) == (1, 0, "played/records.jsonl")
    assert {row["tally"]["no_code"] for row in found["rows"]} == {1}
