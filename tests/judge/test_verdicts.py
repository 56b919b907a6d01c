"""Every verdict in both languages, with its details."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from codefrontier.judge import FailureClass, Judgement, Run, Verdict

pytestmark = pytest.mark.sandbox

MIB = 1 << 20
SUM_PYTHON = "a, b = map(int, input().split())\nprint(a + b)\n"
SUM_CPP = '#include <cstdio>\nint main() { long a, b; scanf("%ld %ld", &a, &b); printf("%ld\\n", a + b); }\n'


@pytest.mark.parametrize(("language", "source"), [("python", SUM_PYTHON), ("cpp", SUM_CPP)])
def test_a_right_program_is_accepted(run_of: Callable[..., Run], language: str, source: str) -> None:
    run = run_of(source, b"3 4\n", b"7\n", language=language)
    assert run.verdict is Verdict.ACCEPTED
    assert (run.exit_status, run.signal, run.output, run.output_size) == (0, None, b"7\n", 2)
    assert (run.test, run.index, run.input_size) == ("sample/1", 0, 4)
    assert 0 < run.cpu_time_s < 0.5
    assert run.wall_time_s > 0
    assert 0.1 < run.memory_mib < 64
    assert (run.stderr_tail, run.slow, run.attempts, run.checker_message) == ("", None, 1, "")


@pytest.mark.parametrize(
    ("language", "source"), [("python", SUM_PYTHON.replace("+", "-")), ("cpp", SUM_CPP.replace("+", "-"))]
)
def test_a_wrong_answer_is_told_with_the_first_difference(
    run_of: Callable[..., Run], language: str, source: str
) -> None:
    run = run_of(source, b"3 4\n", b"7\n", language=language)
    assert (run.verdict, run.exit_status, run.signal) == (Verdict.WRONG_ANSWER, 0, None)
    assert run.checker_message == "token 1: got '-1', expected '7'"


def test_an_exit_status_but_zero_is_a_runtime_error_even_after_the_right_output(
    run_of: Callable[..., Run],
) -> None:
    run = run_of("print(7)\nraise SystemExit(3)", answer=b"7\n")
    assert (run.verdict, run.exit_status, run.output) == (Verdict.RUNTIME_ERROR, 3, b"7\n")
    run = run_of('#include <cstdio>\nint main() { puts("7"); return 3; }', answer=b"7\n", language="cpp")
    assert (run.verdict, run.exit_status, run.output) == (Verdict.RUNTIME_ERROR, 3, b"7\n")


@pytest.mark.parametrize(
    ("body", "signal"),
    [
        ("*(volatile int*)8 = 1;", 11),
        ("volatile int zero = 0; return 7 % zero;", 8),
        ("__builtin_trap();", 4),
        ("abort();", 6),
    ],
)
def test_a_fatal_signal_is_a_runtime_error_that_names_it(
    run_of: Callable[..., Run], body: str, signal: int
) -> None:
    run = run_of(f"#include <cstdlib>\nint main() {{ {body} }}", language="cpp")
    assert (run.verdict, run.exit_status, run.signal) == (Verdict.RUNTIME_ERROR, None, signal)


def test_a_program_that_kills_itself_is_not_accepted(run_of: Callable[..., Run]) -> None:
    source = "import os, signal\nprint(7, flush=True)\nos.kill(os.getpid(), signal.SIGKILL)"
    run = run_of(source, answer=b"7\n")
    assert (run.verdict, run.exit_status) == (Verdict.RUNTIME_ERROR, None)
    assert run.signal


def test_an_uncaught_exception_shows_its_words(run_of: Callable[..., Run]) -> None:
    run = run_of("x = [1]\nx[5]")
    assert (run.verdict, run.exit_status) == (Verdict.RUNTIME_ERROR, 1)
    assert run.stderr_tail.endswith("IndexError: list index out of range\n")
    source = '#include <stdexcept>\nint main() { throw std::runtime_error("the words"); }'
    run = run_of(source, language="cpp")
    assert run.verdict is Verdict.RUNTIME_ERROR
    assert "the words" in run.stderr_tail


def test_a_stack_overflow_in_cpp_is_a_runtime_error(run_of: Callable[..., Run]) -> None:
    source = """
        #include <cstdio>
        long deep(volatile long n) {
            volatile char room[4096];
            room[n % 7] = 1;
            return deep(n + 1) + room[0];
        }
        int main() { printf("%ld", deep(1)); }
    """
    run = run_of(source, language="cpp", memory_mib=64)
    assert (run.verdict, run.signal) == (Verdict.RUNTIME_ERROR, 11)


def test_deep_recursion_in_cpp_within_the_memory_limit_is_fine(run_of: Callable[..., Run]) -> None:
    source = """
        #include <cstdio>
        long deep(long n) { volatile char room[64]; room[0] = 1; return n ? deep(n - 1) + room[0] : 0; }
        int main() { printf("%ld", deep(1000000)); }
    """
    run = run_of(source, answer=b"1000000", language="cpp")
    assert run.verdict is Verdict.ACCEPTED
    assert run.memory_mib > 50


def test_the_end_of_standard_error_is_kept(run_of: Callable[..., Run]) -> None:
    run = run_of("import sys\nsys.stderr.write('é' * 5000 + 'end')")
    assert run.verdict is Verdict.ACCEPTED
    assert run.stderr_tail == "é" * 1997 + "end"


def test_output_that_is_not_utf8_is_judged_by_its_bytes(run_of: Callable[..., Run]) -> None:
    source = "import sys\nsys.stdout.buffer.write(bytes(range(128, 256)))\nsys.stderr.buffer.write(b'\\xff')"
    run = run_of(source, answer=bytes(range(128, 256)))
    assert (run.verdict, run.output) == (Verdict.ACCEPTED, bytes(range(128, 256)))
    assert run.stderr_tail == "\ufffd"
    run = run_of(source, answer=b"7")
    assert run.verdict is Verdict.WRONG_ANSWER
    assert run.checker_message.startswith(r"token 1: got '\\x80\\x81")


# Memory.


@pytest.mark.parametrize(
    "source",
    [
        "rows = []\nwhile True: rows.append([0] * 10_000)",
        "room = bytearray(1 << 30)",
        "room = bytearray(100 << 20)\nprint(7)",
        "import mmap\nm = mmap.mmap(-1, 100 << 20)\nm[::4096] = bytes(len(m) // 4096)\nprint(7)",
    ],
    ids=["growth", "one-allocation", "over-the-limit-then-fine", "mmap"],
)
def test_python_over_the_memory_limit(run_of: Callable[..., Run], source: str) -> None:
    run = run_of(source, answer=b"7", memory_mib=64, time_s=2.0)
    assert run.verdict is Verdict.MEMORY_LIMIT_EXCEEDED


@pytest.mark.parametrize(
    "body",
    [
        "std::vector<long> v; for (;;) v.push_back(1);",
        "std::vector<char> v(1l << 33, 1);",
        "std::vector<char> v(100 << 20, 1); return v[5] - 1;",
    ],
    ids=["growth", "one-allocation", "over-the-limit-then-fine"],
)
def test_cpp_over_the_memory_limit(run_of: Callable[..., Run], body: str) -> None:
    source = f"#include <vector>\nint main() {{ {body} }}"
    run = run_of(source, language="cpp", memory_mib=64)
    assert run.verdict is Verdict.MEMORY_LIMIT_EXCEEDED


def test_memory_is_the_peak(run_of: Callable[..., Run]) -> None:
    run = run_of("room = bytearray(100 << 20)\ndel room\nprint(7)", answer=b"7")
    assert run.verdict is Verdict.ACCEPTED
    assert 100 < run.memory_mib < 130


def test_memory_that_is_reserved_but_not_touched_does_not_count(run_of: Callable[..., Run]) -> None:
    run = run_of("import mmap\nm = mmap.mmap(-1, 200 << 20)\nprint(7)", answer=b"7", memory_mib=64)
    assert run.verdict is Verdict.ACCEPTED
    assert run.memory_mib < 32


def test_a_program_in_cpp_is_not_charged_the_memory_of_the_sandbox(run_of: Callable[..., Run]) -> None:
    run = run_of(SUM_CPP, b"3 4\n", b"7\n", language="cpp", memory_mib=8)
    assert run.verdict is Verdict.ACCEPTED
    assert run.memory_mib < 32  # the peak has a floor: the process that the run started as a copy of


# Output.


def test_output_of_exactly_the_limit_is_fine_and_one_byte_more_is_not(run_of: Callable[..., Run]) -> None:
    source = "import sys\nsys.stdout.write('x' * int(input()))"
    run = run_of(source, str(MIB).encode(), b"x" * MIB, output_mib=1)
    assert (run.verdict, run.output_size) == (Verdict.ACCEPTED, MIB)
    run = run_of(source, str(MIB + 1).encode(), b"x" * (MIB + 1), output_mib=1)
    assert (run.verdict, run.output_size) == (Verdict.OUTPUT_LIMIT_EXCEEDED, MIB + 1)


@pytest.mark.parametrize(
    ("language", "source"),
    [
        ("python", "while True: print('x' * 1000)"),
        ("python", "import sys\nwhile True: sys.stderr.write('x' * 1000)"),
        ("cpp", '#include <cstdio>\nint main() { for (;;) puts("xxxxxxxxxxxxxxxxxxxx"); }'),
        (
            "cpp",
            '#include <iostream>\nint main() { for (;;) std::cout << "xxxxxxxxxxxxxxxxxxxx" << std::endl; }',
        ),
    ],
    ids=["python", "python-stderr", "cpp", "cpp-iostream"],
)
def test_a_flood_of_output_exceeds_the_output_limit(
    run_of: Callable[..., Run], language: str, source: str
) -> None:
    run = run_of(source, language=language, output_mib=0.25, time_s=0.5)
    assert run.verdict is Verdict.OUTPUT_LIMIT_EXCEEDED
    assert run.output_size < MIB / 2


# Compilation.


@pytest.mark.parametrize(
    ("language", "source", "words"),
    [
        ("python", "def f(:\n  pass", "SyntaxError: invalid syntax"),
        ("python", "print(1)\n  print(2)", "IndentationError: unexpected indent"),
        ("python", b"print('\xff\xfe')", "SyntaxError"),
        ("python", b"# coding: latin-9999\nprint(1)", "latin-9999"),
        ("cpp", "int main() { return oops; }", "error: ‘oops’ was not declared"),
        ("cpp", "int f();\nint main() { return f(); }", "undefined reference to"),
        ("cpp", "#include <no_such_header>\nint main() {}", "no_such_header: No such file"),
        ("cpp", "#error my words\nint main() {}", "#error my words"),
    ],
)
def test_a_program_that_does_not_compile_gets_the_compilers_words(
    judged: Callable[..., Judgement], language: str, source: str | bytes, words: str
) -> None:
    judgement = judged(source, (b"", b""), (b"", b""), language=language)
    assert judgement.verdict is Verdict.COMPILE_ERROR
    assert judgement.failure_class is FailureClass.CORRECTNESS
    assert (judgement.runs, judgement.selected, judgement.passed) == ((), 2, 0)
    assert not judgement.compilation.ok
    assert words in judgement.compilation.message


def test_a_syntax_error_names_the_file_and_line(judged: Callable[..., Judgement]) -> None:
    message = judged("x = 1\ny = = 2\n").compilation.message
    assert 'File "main.py", line 2' in message
    assert "y = = 2" in message


def test_the_compilers_words_are_cut(judged: Callable[..., Judgement]) -> None:
    source = "int main() {" + "oops;" * 3000 + "}"
    judgement = judged(source, language="cpp")
    assert judgement.verdict is Verdict.COMPILE_ERROR
    assert 0 < len(judgement.compilation.message) <= 4000


def test_warnings_are_no_compile_error(judged: Callable[..., Judgement]) -> None:
    judgement = judged(r"print('\d' if 1 is 1 else 0)", (b"", b"\\d"))
    assert judgement.verdict is Verdict.ACCEPTED
    assert judgement.compilation.message == ""
    assert judged("#warning careful\nint main() {}", language="cpp").verdict is Verdict.ACCEPTED


def test_modern_cpp_compiles(run_of: Callable[..., Run]) -> None:
    source = """
        #include <bits/stdc++.h>
        int main() {
            std::vector<int> v(std::istream_iterator<int>(std::cin), {});
            std::ranges::sort(v);
            for (int x : v | std::views::reverse) std::cout << x << ' ';
        }
    """
    assert run_of(source, b"2 3 1", b"3 2 1", language="cpp").verdict is Verdict.ACCEPTED
