"""Random submissions and interactors: each pair gets one verdict, soon, at whatever rate both write."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from codefrontier.judge import CheckerError, Judge, JudgeTask, Language, Run, Submission, Verdict
from codefrontier.judge.checking.transcript import TRANSCRIPT_BYTES, TRANSCRIPT_UTTERANCES, Transcript
from codefrontier.problems import Checker, Comparison, Limits, Problem, Testset, Validator

pytestmark = pytest.mark.sandbox

ANSWERS = "import sys\nfor line in sys.stdin: print('yes', flush=True)\nsys.exit(43)"
READS = "import sys\nwhile sys.stdin.buffer.read1(): pass\nsys.exit(43)"
FLOODS = "while True: print('READ 0', flush=True)"
FLOODS_HALF_LINES = "import os\nwhile True: os.write(1, b'1')"
FLOODS_HUGE_LINES = "import os\nwhile True: os.write(1, b'1' * 1_000_000)"
FLOODS_BY_C = '#include <unistd.h>\nint main() { for (;;) write(1, "1\\n", 2); }'
NEVER_READS = "import time\ntime.sleep(60)"
DEAF_AND_FLOODS = "import os\nos.close(0)\n" + FLOODS_HALF_LINES
ECHO = "while True: print(input(), flush=True)"


def problem_of(interactor: str, tests: int = 1, **limits: float) -> Problem:
    cpp = "#include" in interactor
    name, language = ("validate.cpp", "cpp") if cpp else ("validate.py", "python")
    validator = Validator(files={name: interactor.encode()}, language=language)
    return Problem(
        id="talk",
        title="Talk",
        statement="",
        tests=Testset.inline([(b"5", b"5")] * tests),
        limits=Limits(**({"time_s": 0.2, "memory_mib": 256, "output_mib": 1} | limits)),  # type: ignore[arg-type]
        checker=Checker(comparison=Comparison.VALIDATOR, validator=validator),
        interactive=True,
    )


Submitted = Callable[..., Submission]


def played(judge: Judge, source: str, interactor: str, **limits: Any) -> Run:
    language = "cpp" if "#include" in source else "python"
    submission = Submission(source=source.encode(), language=Language(language))
    (run,) = judge.judge(problem_of(interactor, **limits), submission).runs
    return run


FLOODED = [
    (FLOODS, ANSWERS, "TLE"),
    (FLOODS_BY_C, ANSWERS, "TLE"),
    (FLOODS_HALF_LINES, ANSWERS, "TLE OLE"),
    (FLOODS_HUGE_LINES, READS, "OLE"),
    (FLOODS_HALF_LINES, READS, "TLE OLE"),
    (FLOODS, NEVER_READS, "TLE"),
    (DEAF_AND_FLOODS, ANSWERS, "TLE"),
    (NEVER_READS, FLOODS, "TLE"),
    (NEVER_READS, FLOODS_HUGE_LINES, "TLE"),
    (READS, FLOODS_HALF_LINES, "TLE"),
    (READS, FLOODS_BY_C, "TLE"),
    (READS, FLOODS_HUGE_LINES, "TLE"),
    ("import os\nos.close(0)\n" + NEVER_READS, FLOODS, "TLE"),
    ("import os\nos.close(1)\n" + READS, FLOODS, "TLE"),
    ("1 / 0", FLOODS, "RTE"),
    (FLOODS, FLOODS, "TLE"),
    (FLOODS_BY_C, FLOODS_HALF_LINES, "TLE"),
    (DEAF_AND_FLOODS, FLOODS_HUGE_LINES, "TLE"),
    (ECHO, "print(1, flush=True)\n" + ECHO, "TLE"),
    (FLOODS, "import os\nos.close(1)\n" + READS, "TLE OLE"),
]
SLOW = (FLOODS, FLOODS_BY_C, FLOODS_HALF_LINES)
"""Interactors that, unless they are stopped, compute for seconds until their bound."""


@pytest.mark.parametrize(
    ("source", "interactor", "verdicts"),
    [pytest.param(*row, marks=pytest.mark.long if row[1] in SLOW else ()) for row in FLOODED],
)
def test_every_flood_ends_in_a_verdict(judge: Judge, source: str, interactor: str, verdicts: str) -> None:
    run = played(judge, source, interactor)
    assert run.verdict.value in verdicts.split(), run


CLOSES = "import ctypes, os, signal, sys, time\nos.close(1)\n"
CLOSES_BY_C = "#include <cassert>\n#include <cstdio>\n#include <unistd.h>\nint main() { fclose(stdout); %s }"
REJECTS_THE_END = "import sys\nsys.exit(42 if sys.stdin.readline() == 'right\\n' else 43)"
REJECTS_A_WORD = "import sys\nprint(1, flush=True)\nsys.stdin.readline()\nsys.exit(43)"
STUMBLES = "assert input() == 'right'\nraise SystemExit(42)"
ENDS = [
    (CLOSES_BY_C % "assert(false);", REJECTS_THE_END, "RTE"),
    (CLOSES_BY_C % "return 1;", REJECTS_THE_END, "RTE"),
    (CLOSES_BY_C % "return 0;", REJECTS_THE_END, "WA"),
    (CLOSES_BY_C % "*(volatile int *)nullptr = 1;", STUMBLES, "RTE"),
    (CLOSES + "sys.exit(1)", REJECTS_THE_END, "RTE"),
    (CLOSES + "time.sleep(0.4)\nos.abort()", REJECTS_THE_END, "RTE"),
    (CLOSES + "time.sleep(0.4)\nos.abort()", STUMBLES, "RTE"),
    (CLOSES + "time.sleep(0.4)", REJECTS_THE_END, "WA"),
    (CLOSES + "while True: pass", REJECTS_THE_END, "TLE"),
    (CLOSES + "time.sleep(60)", REJECTS_THE_END, "WA"),
    ("import os\nos.write(1, b'wrong\\n')\nos.close(1)\nos.abort()", REJECTS_THE_END, "WA"),
    ("import os\nos.write(1, b'wrong')\nos.close(1)\nos.abort()", REJECTS_THE_END, "RTE"),
    ("import os\nos.write(1, b'right\\n')\nos.close(1)\nos.abort()", REJECTS_THE_END, "RTE"),
    ("print('wrong', flush=True)\nwhile True: pass", REJECTS_THE_END, "WA"),
    ("print('wrong', flush=True)\ninput()\ninput()", REJECTS_A_WORD, "WA"),
    ("input()\nprint('x', flush=True)\nwhile True: print('more', flush=True)", REJECTS_A_WORD, "WA"),
    ("import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)", REJECTS_THE_END, "RTE"),
]


@pytest.mark.parametrize(("source", "interactor", "verdict"), ENDS)
def test_a_crash_and_a_rejection_have_one_verdict_whatever_the_scheduling(
    judge: Judge, source: str, interactor: str, verdict: str, submission_of: Submitted
) -> None:
    submission = submission_of(source, "cpp" if "#include" in source else "python")
    runs = judge.judge(problem_of(interactor, tests=3), submission).runs
    assert [run.verdict.value for run in runs] == [verdict] * 3


@pytest.mark.long
@pytest.mark.parametrize(("source", "interactor", "verdict"), ENDS)
def test_the_verdict_is_the_same_on_a_busy_host(
    source: str, interactor: str, verdict: str, submission_of: Submitted
) -> None:
    burner = "while True: pass"
    submission = submission_of(source, "cpp" if "#include" in source else "python")
    with Judge(workers=5) as judge:
        tasks = [JudgeTask(problem=problem_of(interactor, tests=6), submission=submission) for _ in range(2)]
        tasks += [JudgeTask(problem=problem_of(NEVER_READS, time_s=4), submission=submission_of(burner))] * 3
        results = judge.judge_many(tasks)
    for result in results[:2]:
        assert not isinstance(result, Exception), result
        assert [run.verdict.value for run in result.runs] == [verdict] * 6


@pytest.mark.long
def test_an_interactor_that_never_ends_by_itself_is_an_error_in_time(judge: Judge) -> None:
    with pytest.raises(CheckerError, match="limit of conversation exceeded"):
        played(judge, "pass", FLOODS)


@pytest.mark.long
def test_an_interactor_may_think_long_about_each_of_many_words(judge: Judge) -> None:
    thinks = "import time\nfor n in range(40):\n    end = time.process_time() + 0.1\n"
    thinks += "    while time.process_time() < end: pass\n    print(n, flush=True); input()\nexit(42)"
    assert played(judge, "for _ in range(40): print(input(), flush=True)", thinks).verdict is Verdict.ACCEPTED


def test_a_transcript_is_bounded_in_bytes_and_in_utterances() -> None:
    transcript = Transcript()
    for _ in range(2 * TRANSCRIPT_UTTERANCES):
        transcript.add("submission", b"1")
        transcript.add("interactor", b"2")
    assert len(transcript.utterances()) == TRANSCRIPT_UTTERANCES
    assert transcript.truncated
    transcript = Transcript()
    for _ in range(TRANSCRIPT_BYTES):
        transcript.add("submission", b"1")
    assert not transcript.truncated
    transcript.add("submission", b"1")
    assert transcript.truncated
    assert [len(each.text) for each in transcript.utterances()] == [TRANSCRIPT_BYTES]
