from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from codefrontier.cli import main


def view(*words: object) -> object:
    with pytest.raises(SystemExit) as caught:
        main(["view", *map(str, words)])
    return caught.value.code


def test_an_episode_is_printed_for_a_terminal(run_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert view(run_path, "--text", 2) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "Episode 2: slow on paths in Classics-tool"
    assert "--- Turn 2: calls submit ---" in lines
    assert "print(0)  # <b>" in lines
    assert "TLE: 2 of 4 selected tests passed" in lines
    assert any(line.startswith("test    3      1000 bytes TLE   1.000 of 1.5 s |#####") for line in lines)


def test_no_control_character_of_a_model_reaches_the_terminal(
    run_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert view(run_path, "--text", 4) == 0
    text = capsys.readouterr().out
    assert "<1b>[2J<1b>]0;owned<07> <202e>gnp.exe<00><d800>" in text
    assert all(letter.isprintable() or letter in "\n\t" for letter in text)


def test_what_is_not_there_ends_with_status_2(run_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert view(run_path, "--text", 8) == 2
    assert "there is no episode 8: lines are 1 to 7" in capsys.readouterr().err
    assert view(run_path / "no") == 2
    assert view(run_path, "--host", "evil.example") == 2
    assert "does not appear to be an IPv4 or IPv6 address" in capsys.readouterr().err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_page_is_served_on_loopback_until_a_signal(run_path: Path, number: signal.Signals) -> None:
    program = "from codefrontier.cli import main; main()"
    words = [sys.executable, "-c", program, "view", str(run_path), "--port", "0"]
    environment = {**os.environ, "NO_COLOR": "1", "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        said = process.stdout.readline()
        assert said.startswith("7 episodes at http://127.0.0.1:")
        url = said.split()[3]
        with urllib.request.urlopen(f"{url}api/about", timeout=30) as answer:
            assert json.load(answer)["episodes"] == 7
        process.send_signal(number)
        process.wait(timeout=30)
    assert process.returncode in (0, -number)
