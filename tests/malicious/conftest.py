"""A judge that holds secrets of earlier programs, and a probe of what attacks change on the host."""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from codefrontier.judge import DockerOptions, Judge, Judgement, Submission, Verdict
from codefrontier.judge.sandbox.docker.engine import DockerEngine
from codefrontier.judge.sandbox.docker.image import build_from_host
from codefrontier.problems import Checker, Comparison, Limits, Problem, Testset, Validator

SANDBOXES = ("embedded", "docker") if os.environ.get("DOCKER_HOST") else ("embedded",)
IMAGE = "codefrontier-judge:test"
MARKER = "cf-attack"
ANSWER = b"7\n"
HONEST = "open('/tmp/scratch', 'w').write('x')\nimport os\nassert len(os.listdir('/tmp')) == 1\nprint(7)"
HONEST_TALK = "while (line := input()) != 'over': print(2 * int(line), flush=True)"
INTERACTOR = """
import os, sys
if sorted(os.listdir("/tmp")) != ["answer", "feedback", "input", "interact.py"]: sys.exit(44)
number, answer = int(open(sys.argv[1]).read()), open(sys.argv[2]).read()
if answer != "answer": sys.exit(44)
for question in range(number, number + 3):
    print(question, flush=True)
    said = sys.stdin.readline(100)
    if said != f"{2 * question}\\n":
        open(sys.argv[3] + "judgemessage.txt", "w").write(repr(said)[:200])
        sys.exit(43)
print("over", flush=True)
if sys.stdin.read(100).strip(): sys.exit(43)
if sorted(os.listdir("/tmp")) != ["answer", "feedback", "input", "interact.py"]: sys.exit(44)
sys.exit(42)
"""
"""Asks for the doubles of three numbers. It reports an error if its folder has other files or its files
changed."""
ONE_IN = 6
"""Every so-many-th attack in Docker is in the quick suite; the others are long tests."""
LOWEST_SANDBOX_UID = 200_000
_SHARED_BY_ANYBODY = ("/tmp", "/var/tmp", "/dev/shm", "/dev/mqueue", "/", str(Path.home()))
_OF_SANDBOXES = {"", "bin", "dev", "etc", "lib", "lib64", "proc", "root", "sys", "tmp", "usr", "work"}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark most attacks in Docker as long tests. Those in the embedded sandbox are all quick tests."""
    here = Path(__file__).parent
    contained = [
        item
        for item in items
        if isinstance(item, pytest.Function)
        and item.path.parent == here
        and hasattr(item, "callspec")
        and item.callspec.params.get("judge_under_attack") == "docker"
    ]
    for place, item in enumerate(contained):
        if place % ONE_IN:
            item.add_marker(pytest.mark.long)


class HostProbe:
    """Collects what an attack could have changed on the host, and in the container if there is one.

    Args:
        descendants: Returns the processes that this process has started.
        contained: Returns the processes in the judge's container.
    """

    def __init__(self, descendants: Callable[[], set[int]], contained: Callable[[], set[str]]) -> None:
        self._descendants = descendants
        self._contained = contained

    def snapshot(self) -> dict[str, object]:
        ours = self._descendants()
        users = {LOWEST_SANDBOX_UID + pid for pid in ours}
        return {
            "processes": ours,
            "contained": self._contained(),
            "runs": processes_of(users),
            "files": foreign_files(),
            "descriptors": len(os.listdir("/proc/self/fd")),
            "name": os.uname().nodename,
            "mounts": mounts(),
            "memory": shared_memory(users),
            "sockets": sockets(users),
            "null": (os.stat("/dev/null").st_mode, os.stat("/dev/null").st_rdev),
            "limits": Path("/proc/self/limits").read_text(),
        }


def processes_of(users: set[int]) -> set[int]:
    found = set()
    for name in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError):
            if os.stat(f"/proc/{name}").st_uid in users:
                found.add(int(name))
    return found


def foreign_files() -> set[str]:
    """Return the files in world-writable folders that an attack has named or that a sandbox's user owns."""
    found = set()
    for folder in (*_SHARED_BY_ANYBODY, os.getcwd()):
        with contextlib.suppress(OSError):
            for entry in os.scandir(folder):
                with contextlib.suppress(OSError):
                    owner = entry.stat(follow_symlinks=False).st_uid
                    if MARKER in entry.name or owner > LOWEST_SANDBOX_UID:
                        found.add(entry.path)
    return found


def mounts() -> set[str]:
    """Return the mounts of this process at the places where a sandbox has mounts of its own.

    Mounts at other places come and go with container engines.
    """
    lines = Path("/proc/self/mounts").read_text().splitlines()
    places = {line: line.split()[1].removeprefix("/tmp").lstrip("/") for line in lines}
    return {line for line in lines if places[line] in _OF_SANDBOXES or MARKER in line}


def shared_memory(users: set[int]) -> list[str]:
    """Return System V shared memory, semaphores and queues of a sandbox's user, or with an attack's key."""
    found = []
    for kind in ("shm", "sem", "msg"):
        for line in Path(f"/proc/sysvipc/{kind}").read_text().splitlines()[1:]:
            if int(line.split()[0]) == 0x5EC or users & {int(field) for field in line.split()[1:]}:
                found.append(f"{kind} {line}")
    return found


def sockets(users: set[int]) -> list[str]:
    """Return local sockets that an attack has named, and internet sockets of a sandbox's user."""
    found = [line for line in Path("/proc/net/unix").read_text().splitlines() if MARKER in line]
    for kind in ("tcp", "udp", "tcp6", "udp6", "raw"):
        with contextlib.suppress(FileNotFoundError):
            lines = Path(f"/proc/net/{kind}").read_text().splitlines()[1:]
            found += [line for line in lines if int(line.split()[7]) in users]
    return found


@pytest.fixture(scope="session")
def engine() -> Iterator[DockerEngine]:
    engine = DockerEngine(DockerOptions())
    yield engine
    engine.close()


@pytest.fixture(scope="module", params=SANDBOXES)
def judge_under_attack(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Judge]:
    """A judge with one worker, for each kind of sandbox: Docker only if DOCKER_HOST names an engine."""
    if request.param == "embedded":
        yield request.getfixturevalue("judge")
        return
    with open(tmp_path_factory.getbasetemp().parent / "image.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # only one of the test processes builds the image
        image = build_from_host(request.getfixturevalue("engine"), IMAGE)
    options = DockerOptions(image=image.tag, spares=0, submissions=1_000_000)
    with Judge(sandbox=options, compile_cache_mib=0) as judge:
        yield judge


@pytest.fixture(scope="module")
def host(
    judge_under_attack: Judge, descendants: Callable[[], set[int]], request: pytest.FixtureRequest
) -> HostProbe:
    def contained() -> set[str]:
        (worker,) = judge_under_attack._all
        if judge_under_attack.identity.sandbox == "embedded":
            return set()
        engine: DockerEngine = request.getfixturevalue("engine")
        found = set()
        for sandbox in (worker.sandbox, worker._validators.sandbox if worker._validators else None):
            if sandbox is not None:
                table = engine.api.top(sandbox.container, ps_args="-o pid,args")  # type: ignore[attr-defined]
                found |= {" ".join(row) for row in table["Processes"]}
        return found

    return HostProbe(descendants, contained)


@pytest.fixture(scope="module")
def warm_judge(
    judge_under_attack: Judge,
    problem_of: Callable[..., Problem],
    submission_of: Callable[..., Submission],
) -> Judge:
    """A judge whose sandbox has seen a program, an input and an answer that later programs must not find."""
    judge = judge_under_attack
    secret = problem_of((b"SECRET-EARLIER-INPUT\n" * 1000, b"SECRET-EARLIER-ANSWER"))
    source = "'SECRET-EARLIER-SOURCE'\nprint('SECRET-EARLIER-' + 'ANSWER', input()[:0])"
    for language, text in (("python", source), ("cpp", "// SECRET-EARLIER-SOURCE\nint main() {}")):
        judge.judge(secret, submission_of(text, language))
    assert judge.judge(secret, submission_of(source)).verdict is Verdict.ACCEPTED
    assert judge.judge(conversation(), submission_of(HONEST_TALK)).verdict is Verdict.ACCEPTED
    return judge


def conversation(**limits: float) -> Problem:
    """Return an interactive problem: a submission must print the doubles of the numbers that it reads."""
    validator = Validator(files={"interact.py": INTERACTOR.encode()}, language="python")
    return Problem(
        id="talk",
        title="Talk",
        statement="Double.",
        tests=Testset.inline([(b"613", b"answer")]),
        limits=Limits(**({"time_s": 1.0, "memory_mib": 64} | limits)),  # type: ignore[arg-type]
        checker=Checker(comparison=Comparison.VALIDATOR, validator=validator),
        interactive=True,
    )


@pytest.fixture
def attack(
    warm_judge: Judge,
    host: HostProbe,
    problem_of: Callable[..., Problem],
    submission_of: Callable[..., Submission],
) -> Iterator[Callable[..., Judgement]]:
    """Judge an attack; afterwards the host must be unchanged, and the next honest submission accepted.

    The time limit is 0.3 s for attacks that must exceed it and 3 s for others. All have 64 MiB of memory and
    256 KiB of output. An attack that `talks` runs with an interactor, and then an honest interactive
    submission follows too.
    """
    honest = submission_of(HONEST)
    talked = False

    def call(submission: Submission, allowed: set[str], *, runs: int = 1, talks: bool = False) -> Judgement:
        nonlocal talked
        talked = talks
        limits = {"time_s": 0.3 if "TLE" in allowed and "AC" not in allowed else 3.0, "memory_mib": 64, "output_mib": 0.25}
        target = conversation(**limits) if talks else problem_of(*[(b"", ANSWER)] * runs, **limits)
        judgement = warm_judge.judge(target, submission, stop_early=True)
        details = [
            (run.exit_status, run.signal, run.stderr_tail[-300:], run.checker_message)
            for run in judgement.runs
        ]
        assert judgement.verdict.value in allowed, details or judgement.compilation.message
        return judgement

    before = host.snapshot()
    yield call
    target = problem_of((b"", ANSWER), memory_mib=64)
    assert warm_judge.judge(target, honest).verdict is Verdict.ACCEPTED, "the judge no longer works"
    if talked:
        after = warm_judge.judge(conversation(), submission_of(HONEST_TALK))
        assert after.verdict is Verdict.ACCEPTED, "the judge no longer talks"
    # On a busy host a killed process needs a while to end.
    deadline = time.monotonic() + 30
    while (found := host.snapshot()) != before and time.monotonic() < deadline:
        time.sleep(0.1)
    changed = {name: (before[name], value) for name, value in found.items() if value != before[name]}
    assert not changed, f"something outlived the run: {changed}"
