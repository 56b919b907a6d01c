"""Every program in `programs/` is contained: an allowed verdict, an unchanged host, a judge that still works.

Line 1 of a program names the verdicts it may get, line 2 what it tries. Where one finds out by itself whether
it succeeded, it prints the right answer, 7, only if it did not. Those named `leave_...` run twice.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from codefrontier.judge import Judge, Submission, Verdict
from codefrontier.problems import Problem

pytestmark = pytest.mark.sandbox

PROGRAMS = sorted((Path(__file__).parent / "programs").iterdir())
MARKER = "cf-attack"
ANSWER = b"7\n"
LOWEST_SANDBOX_UID = 200_000


class HostProbe:
    """What of the host an attack could have changed."""

    def __init__(self, descendants: Callable[[], set[int]]) -> None:
        self._descendants = descendants

    def snapshot(self) -> dict[str, object]:
        ours = self._descendants()
        return {
            "processes": ours,
            "runs": _processes_of({LOWEST_SANDBOX_UID + pid for pid in ours}),
            "files": _foreign_files(),
            "descriptors": len(os.listdir("/proc/self/fd")),
            "name": os.uname().nodename,
            "mounts": Path("/proc/self/mounts").read_text(),
            "null": (os.stat("/dev/null").st_mode, os.stat("/dev/null").st_rdev),
        }


def _processes_of(users: set[int]) -> set[int]:
    found = set()
    for name in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError):
            if os.stat(f"/proc/{name}").st_uid in users:
                found.add(int(name))
    return found


def _foreign_files() -> set[str]:
    """Files in folders that anybody may write to which an attack named, or a sandbox's user owns."""
    found = set()
    for folder in ("/tmp", "/var/tmp", "/dev/shm", "/dev/mqueue", "/", os.getcwd(), str(Path.home())):
        with contextlib.suppress(OSError):
            for entry in os.scandir(folder):
                with contextlib.suppress(OSError):
                    owner = entry.stat(follow_symlinks=False).st_uid
                    if MARKER in entry.name or owner > LOWEST_SANDBOX_UID:
                        found.add(entry.path)
    return found


@pytest.fixture(scope="module")
def host(descendants: Callable[[], set[int]]) -> HostProbe:
    return HostProbe(descendants)


@pytest.fixture(scope="module")
def warm_judge(
    judge: Judge, problem_of: Callable[..., Problem], submission_of: Callable[..., Submission]
) -> Judge:
    """A judge whose sandbox has seen a program, an input and an answer that no later program may find."""
    secret = problem_of((b"SECRET-EARLIER-INPUT\n" * 1000, b"SECRET-EARLIER-ANSWER"))
    source = "'SECRET-EARLIER-SOURCE'\nprint('SECRET-EARLIER-' + 'ANSWER', input()[:0])"
    for language, text in (("python", source), ("cpp", "// SECRET-EARLIER-SOURCE\nint main() {}")):
        judge.judge(secret, submission_of(text, language))
    assert judge.judge(secret, submission_of(source)).verdict is Verdict.ACCEPTED
    return judge


def allowed_verdicts(program: Path) -> set[str]:
    first, second = program.read_text().splitlines()[:2]
    mark = "#" if program.suffix == ".py" else "//"
    assert first.startswith(mark + " "), "line 1 names the verdicts"
    assert second.startswith(mark + " "), "line 2 says what it tries"
    verdicts = set(first.removeprefix(mark).split())
    assert verdicts <= set(Verdict), first
    return verdicts


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda path: path.name)
def test_an_attack_is_contained(
    program: Path,
    warm_judge: Judge,
    host: HostProbe,
    problem_of: Callable[..., Problem],
    submission_of: Callable[..., Submission],
) -> None:
    allowed = allowed_verdicts(program)
    time_s = 3.0 if "AC" in allowed else 0.3
    runs = 2 if program.stem.startswith("leave_") else 1  # what it leaves, its own next run looks for
    target = problem_of(*[(b"", ANSWER)] * runs, time_s=time_s, memory_mib=64, output_mib=0.25)
    submission = Submission.read(program)
    honest = submission_of(
        "open('/tmp/scratch', 'w').write('x')\nimport os\nassert len(os.listdir('/tmp')) == 1\nprint(7)"
    )
    before = host.snapshot()
    judgement = warm_judge.judge(target, submission, stop_early=True)
    details = [
        (run.exit_status, run.signal, run.stderr_tail[-300:], run.checker_message) for run in judgement.runs
    ]
    assert judgement.verdict.value in allowed, details or judgement.compilation.message
    assert warm_judge.judge(target, honest).verdict is Verdict.ACCEPTED, "the judge no longer works"
    assert host.snapshot() == before, "something outlived the run"


def test_the_compilers_words_quote_nothing_of_the_host(
    warm_judge: Judge, problem_of: Callable[..., Problem]
) -> None:
    program = Submission.read(Path(__file__).parent / "programs" / "include_host_files.cpp")
    message = warm_judge.judge(problem_of((b"", ANSWER)), program).compilation.message
    assert "shadow: No such file" in message
    for line in Path("/etc/passwd").read_text().splitlines():
        assert line not in message
