"""Compiled programs: the rules for compiling and running them, and the requests that run them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from ...problems import Dialect, Problem
from ..judgement import Compilation
from ..sandbox import RunRequest, Sandbox
from ..submission import Language
from .languages import SPECS, LanguageSpec

ONLINE_JUDGE = "ONLINE_JUDGE"
_WITH_MACROS = frozenset({Language.C, Language.CPP17, Language.CPP, Language.CPP23})


@dataclass(frozen=True, kw_only=True)
class Rules:
    """The properties of a problem that decide how its submissions are compiled and run."""

    dialect: Dialect = Dialect.STRICT
    method: bool = False
    """Whether a method is called, rather than a program run."""

    @classmethod
    def of(cls, problem: Problem | None) -> Rules:
        """Return the rules of a problem; None stands for a program in the dialect `strict`."""
        if problem is None or (problem.dialect is Dialect.LCB and special(problem)):
            return cls()  # the official grader of LiveCodeBench has no such problems
        return cls(dialect=problem.dialect, method=problem.functional is not None)

    @property
    def key(self) -> str:
        """Key that tells programs of the same source apart; empty in the dialect `strict`."""
        if self.dialect is Dialect.STRICT:
            return ""
        return f"{self.dialect.value} {'method' if self.method else 'program'}"

    @property
    def environment(self) -> Mapping[str, str]:
        """Additional environment variables of programs."""
        return {ONLINE_JUDGE: "1"} if self.dialect is Dialect.CODEFORCES else {}

    def flags(self, language: Language) -> tuple[str, ...]:
        """Return the additional flags of the compiler."""
        defined = self.dialect is Dialect.CODEFORCES and language in _WITH_MACROS
        return (f"-D{ONLINE_JUDGE}",) if defined else ()


STRICT = Rules()


def special(problem: Problem) -> bool:
    """Whether a problem is interactive or has several passes."""
    return problem.interactive or problem.passes > 1


@dataclass(frozen=True, kw_only=True)
class Program:
    """A compiled program."""

    data: bytes = field(repr=False)
    """Bytecode, an executable, or the script that an interpreter runs."""
    executable: bool
    digest: str
    """Digest that identifies the program."""
    language: Language = Language.PYTHON
    command: tuple[str, ...] = ()
    """Command that runs the script in its folder; empty for bytecode and executables."""
    fork_point: bool = False
    """Whether a sandbox can copy the process of the executable before any submitted code runs."""
    rules: Rules = STRICT
    """Rules by which the program is run."""

    @property
    def spec(self) -> LanguageSpec:
        """Specification of the program's language."""
        return SPECS[self.language]


@dataclass(frozen=True, kw_only=True)
class Compiled:
    """The result of compiling; `program` is None if the source does not compile."""

    compilation: Compilation
    program: Program | None


class Launcher:
    """Loads programs into a sandbox, and remembers which program is loaded.

    Args:
        sandbox: Sandbox in which the programs run.
        fresh: Whether Python programs run in a new interpreter rather than in a forked copy.
    """

    def __init__(self, sandbox: Sandbox, *, fresh: bool = False) -> None:
        self._fresh = fresh
        self._sandbox = sandbox
        self._loaded = ""

    def request(
        self,
        program: Program,
        bounds: RunRequest,
        *,
        arguments: Sequence[str] = (),
        method: str | None = None,
        heap_mib: int | None = None,
    ) -> RunRequest:
        """Load a program unless it is loaded, and return the request that runs it.

        Args:
            program: The program to run.
            bounds: Input, files and limits of the run; its kind and command are replaced.
            arguments: Arguments of the program, without its name.
            method: What to call instead of running a program; see `Functional.callee`.
            heap_mib: Heap size for runtimes that need one; None is the memory limit.
        """
        spec = program.spec
        if program.rules.key:
            rules = program.rules
            bounds = replace(bounds, dialect=rules.dialect.value, environment=rules.environment)
        if program.command:
            heap = str(bounds.memory_mib if heap_mib is None else heap_mib)
            return replace(
                bounds,
                kind="executable",
                argv=[*(word.replace("{heap_mib}", heap) for word in program.command), *arguments],
                files={**bounds.files, spec.artifact: program.data},
                reserve_mib=spec.reserve_mib,
                processes=spec.threads,
            )
        if self._loaded != program.digest:
            self._loaded = ""
            self._sandbox.load(program.data, executable=program.executable, fork_point=program.fork_point)
            self._loaded = program.digest
        if program.executable:
            return replace(bounds, kind="loaded", argv=["program", *arguments])
        if method is not None:
            return replace(bounds, kind="call", argv=[method])
        return replace(bounds, kind="fresh" if self._fresh else "python", argv=["main.py", *arguments])
