"""Run a problem's output validator, in a sandbox of its own."""

from __future__ import annotations

from pathlib import PurePath

from ..problems import TestCase, Validator
from .comparison import Comparing
from .errors import CheckerError
from .programs import Compiler, Program
from .sandbox import EmbeddedSandbox, RunRequest
from .submission import Language

_ACCEPT, _REJECT = 42, 43
_CPU_S = 60.0
_MEMORY_MIB = 2048
_OUTPUT_BYTES = 8 << 20
_FEEDBACK = "feedback"
_MESSAGE = f"{_FEEDBACK}/judgemessage.txt"
_MESSAGE_CHARACTERS = 2000


class ValidatorRunner:
    """Asks validators; never shares its sandbox with submissions, as it sees the answers.

    Args:
        sandbox: Used for nothing else.
        compiler: Remembers compiled validators.
    """

    def __init__(self, sandbox: EmbeddedSandbox, compiler: Compiler) -> None:
        self._sandbox = sandbox
        self._compiler = compiler
        self._loaded = ""

    def validate(self, validator: Validator, case: TestCase, output: bytes) -> Comparing:
        """Return the validator's decision on an output.

        Raises:
            CheckerError: The validator does not compile, or ended with neither 42 nor 43.
        """
        language, entry = Language(validator.language), _entry(validator)
        program = self._program(validator, language, entry)
        if self._loaded != program.digest:
            self._sandbox.load(program.data, executable=program.executable)
            self._loaded = program.digest
        modules = validator.files if language is Language.PYTHON else {}
        report = self._sandbox.run(
            RunRequest(
                kind="loaded" if program.executable else "python",
                argv=[entry, "input", "answer", f"{_FEEDBACK}/", *validator.flags],
                stdin=output,
                files={
                    **modules,
                    "input": case.input,
                    "answer": case.answer,
                    f"{_FEEDBACK}/.keep": b"",
                },
                collect=[_MESSAGE],
                cpu_s=_CPU_S,
                memory_mib=_MEMORY_MIB,
                output_bytes=_OUTPUT_BYTES,
                scratch_mib=256,
            )
        )
        message = (report.collected.get(_MESSAGE) or report.stdout or report.stderr).decode(
            "utf-8", "replace"
        )
        if report.ended is None and report.exit_status in (_ACCEPT, _REJECT):
            return Comparing(equal=report.exit_status == _ACCEPT, message=message)
        how = f"status {report.exit_status}" if report.signal is None else f"signal {report.signal}"
        last_words = report.stderr.decode("utf-8", "replace")[-_MESSAGE_CHARACTERS:]
        raise CheckerError(
            f"the output validator {entry!r} must end with status 42 or 43, not {how}, on {case.name}: "
            f"{last_words}"
        )

    def _program(self, validator: Validator, language: Language, entry: str) -> Program:
        compiled = self._compiler.files(self._sandbox, validator.files, entry, language)
        if compiled.program is None:
            message = compiled.compilation.message
            raise CheckerError(f"the output validator {entry!r} does not compile: {message}")
        return compiled.program


def _entry(validator: Validator) -> str:
    sources = [name for name in sorted(validator.files) if not name.endswith((".h", ".hpp"))]
    for name in sources:
        if len(sources) == 1 or PurePath(name).stem in ("validate", "check", "checker", "validator"):
            return name
    raise CheckerError(f"which of the validator's files {sources} is its program?")
