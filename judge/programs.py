"""Compile submissions and validators, once each, in a sandbox."""

from __future__ import annotations

import hashlib
import signal
import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field

from .errors import LanguageMissingError, SandboxError
from .judgement import Compilation
from .sandbox import EmbeddedSandbox, RunReport, RunRequest, find_executable
from .submission import Language, Submission

COMPILE_CPU_S = 10.0
_COMPILE_IDLE_S = 90.0
"""The compiler's driver only waits for the compiler proper, whose CPU time has a limit of its own."""
_COMPILE_MEMORY_MIB = 1024
_KILLED = "Killed signal terminated program"
_MAX_PROGRAM_BYTES = 256 << 20
_MESSAGE_CHARACTERS = 4000
_CXX_FLAGS = ("-O2", "-std=c++20", "-pipe")


@dataclass(frozen=True, kw_only=True)
class Program:
    """A compiled program, ready to be loaded into a sandbox."""

    data: bytes = field(repr=False)
    """Bytecode, or an executable."""
    executable: bool
    digest: str
    """Tells programs apart."""


@dataclass(frozen=True, kw_only=True)
class Compiled:
    """The outcome of compiling: a program, unless the source is at fault."""

    compilation: Compilation
    program: Program | None


class Compiler:
    """Compiles in whatever sandbox it is given, and remembers the latest outcomes. Thread-safe.

    Args:
        capacity: How many outcomes to remember.
    """

    def __init__(self, capacity: int = 256) -> None:
        self._capacity = capacity
        self._known: OrderedDict[str, Compiled] = OrderedDict()
        self._lock = threading.Lock()

    def submission(self, sandbox: EmbeddedSandbox, submission: Submission) -> Compiled:
        """Compile a submission.

        Raises:
            LanguageMissingError: This host has no compiler for it.
            SandboxError: The sandbox failed.
        """
        name = "main.py" if submission.language is Language.PYTHON else "main.cpp"
        return self.files(sandbox, {name: submission.source}, name, submission.language)

    def files(
        self, sandbox: EmbeddedSandbox, files: Mapping[str, bytes], entry: str, language: Language
    ) -> Compiled:
        """Compile a program of several files; `entry` is the one with `main`."""
        key = _digest(files, entry, language)
        with self._lock:
            if key in self._known:
                self._known.move_to_end(key)
                return self._known[key]
        compiled = _COMPILERS[language](sandbox, files, entry, key)
        if _KILLED in compiled.compilation.message:  # by its limits or by the host's memory killer
            return compiled
        with self._lock:
            self._known[key] = compiled
            while len(self._known) > self._capacity:
                self._known.popitem(last=False)
        return compiled


def _digest(files: Mapping[str, bytes], entry: str, language: Language) -> str:
    digest = hashlib.sha256(f"{language.value}\0{entry}".encode())
    for name, data in sorted(files.items()):
        digest.update(f"\0{name}\0{len(data)}\0".encode() + data)
    return digest.hexdigest()


def _python(sandbox: EmbeddedSandbox, files: Mapping[str, bytes], entry: str, key: str) -> Compiled:
    report = sandbox.run(
        RunRequest(
            kind="compile",
            stdin=files[entry],
            cpu_s=COMPILE_CPU_S,
            memory_mib=_COMPILE_MEMORY_MIB,
            output_bytes=_MAX_PROGRAM_BYTES,
        )
    )
    return _outcome(report, report.result, key, executable=False)


def _cpp(sandbox: EmbeddedSandbox, files: Mapping[str, bytes], entry: str, key: str) -> Compiled:
    compiler = find_executable("g++")
    if compiler is None:
        raise LanguageMissingError("C++ needs g++ in /usr/bin; on Debian: apt-get install g++")
    sources = [name for name in files if name.endswith((".cpp", ".cc", ".cxx", ".c++"))]
    report = sandbox.run(
        RunRequest(
            kind="executable",
            profile="tools",
            argv=[compiler, *_CXX_FLAGS, "-o", "program", *([entry] if entry in files else sources)],
            files=files,
            collect=["program"],
            cpu_s=COMPILE_CPU_S,
            idle_s=_COMPILE_IDLE_S,
            memory_mib=_COMPILE_MEMORY_MIB,
            output_bytes=_MAX_PROGRAM_BYTES,
            scratch_mib=512,
        )
    )
    return _outcome(report, report.collected.get("program", b""), key, executable=True)


def _outcome(report: RunReport, data: bytes, key: str, *, executable: bool) -> Compiled:
    if report.ended == "idle":
        raise SandboxError(f"compiling got {report.cpu_s:.1f} s of CPU time in {report.wall_s:.0f} s")
    if report.signal == signal.SIGKILL and not report.ended:
        raise SandboxError("the compiler was killed from outside")
    message = report.stderr.decode("utf-8", "replace")[:_MESSAGE_CHARACTERS]
    ok = report.exit_status == 0 and report.ended is None
    if ok and not data:
        raise SandboxError(f"the compiler succeeded but left no program: {message!r}")
    if report.ended:
        message = f"compiling exceeded its limit of {report.ended}\n{message}"
    elif not ok and not message.strip():
        message = f"the compiler ended with status {report.exit_status}, signal {report.signal}"
    return Compiled(
        compilation=Compilation(ok=ok, message=message, cpu_time_s=report.cpu_s),
        program=Program(data=data, executable=executable, digest=key) if ok else None,
    )


_COMPILERS = {Language.PYTHON: _python, Language.CPP: _cpp}
