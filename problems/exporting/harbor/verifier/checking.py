"""Whether an output is right, by a comparison or by a program of the problem."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from .comparison import equal
from .running import CXX, VerifierError

CHECK_S = 60.0
"""CPU seconds of a checker."""
_CHECK = """\
import json, sys
names = {"__name__": "checker"}
exec(compile(open(sys.argv[1], "rb").read(), sys.argv[1], "exec"), names)
texts = [open(path, encoding="utf-8", errors="surrogateescape").read() for path in sys.argv[2:5]]
found = names["check"](*texts)
with open("result", "w") as file:
    json.dump(found[0] if isinstance(found, tuple) else found, file)
"""
"""Calls a function `check(input, output, answer)`, and leaves its value in the file `result`."""
_PARTIAL = re.compile(rb"partially correct \(\d{1,3}\)")


class Check:
    """Compares outputs with answers as the problem says.

    Args:
        folder: Folder with the program of the problem, if it has one.
        scratch: Folder for its files and for outputs, which programs cannot read.
        task: Content of `task.json`.
    """

    def __init__(self, folder: Path, scratch: Path, task: dict[str, Any]) -> None:
        self.rules: dict[str, Any] = task["checker"]
        self.scratch = scratch
        self.command = self._command(folder) if self.rules["program"] else []

    def _command(self, folder: Path) -> list[str]:
        entry = folder / self.rules["program"]
        if self.rules["comparison"] == "python":
            driver = self.scratch / "check.py"
            driver.write_text(_CHECK)
            return [sys.executable, "-s", "-B", str(driver), str(entry)]
        if entry.suffix == ".py":
            return [sys.executable, "-s", "-B", str(entry)]
        built = self.scratch / "checker"
        compiler = ["gcc", "-O2", "-pipe", "-std=gnu17", "-o"] if entry.suffix == ".c" else CXX
        words = [*compiler, str(built), str(entry), "-lm"]
        if subprocess.run(words, stdin=subprocess.DEVNULL, check=False).returncode:
            raise VerifierError(f"the checker {entry.name} does not compile")
        return [str(built)]

    def accepts(self, given: Path, output: Path, answer: Path) -> bool:
        """Return whether an output is right.

        Raises:
            VerifierError: The program of the problem failed.
        """
        if not self.command:
            return equal(self.rules, output.read_bytes(), answer.read_bytes())
        feedback = self.scratch / "feedback"
        shutil.rmtree(feedback, ignore_errors=True)
        feedback.mkdir()
        kind, flags = self.rules["comparison"], self.rules["flags"]
        with tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as told, open(output, "rb") as shown:
            if kind == "validator":
                words = [str(given), str(answer), f"{feedback}/", *flags]
            else:
                words = [str(given), str(output), str(answer), *flags]
            try:
                ended = subprocess.run(
                    [*self.command, *words],
                    cwd=feedback,
                    stdin=shown if kind == "validator" else subprocess.DEVNULL,
                    stdout=said,
                    stderr=told,
                    timeout=2 * CHECK_S,
                    check=False,
                )
            except subprocess.TimeoutExpired as error:
                raise VerifierError("the checker did not end") from error
            for file in (said, told):
                file.seek(0)
            return self._decided(kind, ended.returncode, said.read(), told.read())

    def _decided(self, kind: str, status: int, said: bytes, told: bytes) -> bool:
        if kind == "validator" and status in (42, 43):
            return status == 42
        if kind == "python" and status == 0:
            value = json.loads((self.scratch / "feedback" / "result").read_text())
            if isinstance(value, bool) or (isinstance(value, (int, float)) and 0 <= value <= 1):
                return value == 1
            raise VerifierError(f"the checker must return a truth value or a number in [0, 1], got {value!r}")
        if kind == "testlib":
            message = told.strip() or said
            words = message.split()
            if _PARTIAL.match(message):
                return False
            if status == 7 and len(words) > 1 and words[0] == b"points":
                return float(words[1]) >= float(self.rules["full_points"])
            if status in (0, 1, 2, 4, 8):
                return status == 0
        raise VerifierError(f"the checker ended with status {status}")
