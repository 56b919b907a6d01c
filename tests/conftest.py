"""A judge shared by all tests that need a real one, short functions that judge a program, and a browser."""

from __future__ import annotations

import ast
import asyncio
import base64
import contextlib
import functools
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from time import monotonic
from types import ModuleType
from typing import Any

import pytest

from codefrontier.judge import Execution, Judge, Judgement, Language, Run, Submission
from codefrontier.problems import Checker, Functional, Limits, Problem, Testset

# As Python 3.14 does: a library that asks for an event loop where none is gets an error, and does not make
# one that nobody closes.
asyncio.set_event_loop(None)
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as in what a shell runs in the background
    signal.signal(signal.SIGINT, signal.default_int_handler)

_HOW = ("coverage", "order", "order_seed", "stop_early", "samples")


@functools.cache
def run_late_imports(module: ModuleType) -> None:
    """Run the imports that a test module keeps below `if TYPE_CHECKING:`."""
    path = str(module.__file__)
    for node in ast.parse(Path(path).read_text()).body:
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            exec(compile(ast.Module(node.body, []), path, "exec"), vars(module))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Import torch before the first test that needs it: at collection it would cost seconds."""
    if isinstance(item, pytest.Function):
        run_late_imports(item.module)


def make_problem(
    *tests: tuple[bytes, bytes],
    checker: Checker | None = None,
    method: str | None = None,
    **limits: float,
) -> Problem:
    """Make a problem of (input, answer) pairs, which are both its tests and its samples."""
    return Problem(
        id="made-up",
        title="Made up",
        statement="Read, compute, print.",
        tests=Testset.inline(tests),
        samples=Testset.inline(tests, prefix="sample/"),
        limits=Limits(**({"time_s": 1.0} | limits)),  # type: ignore[arg-type]
        checker=checker or Checker(),
        functional=Functional(method=method) if method else None,
    )


def make_submission(source: str | bytes, language: str = "python") -> Submission:
    data = source.encode() if isinstance(source, str) else source
    return Submission(source=data, language=Language(language))


CommandRunner = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def run_command(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CommandRunner]:
    """Runs a command line in a process of its own, without the imports of a new interpreter."""
    folder = tmp_path_factory.mktemp("commands")
    out, err = folder / "stdout", folder / "stderr"
    script = Path(__file__).with_name("command_server.py")
    server = subprocess.Popen(
        [sys.executable, str(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    asks, answers = server.stdin, server.stdout
    assert asks is not None
    assert answers is not None

    def run(
        where: Path, *words: str, stdout: str | None = None, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        out.unlink(missing_ok=True)
        err.unlink(missing_ok=True)
        asked = {
            "words": words,
            "folder": str(where),
            "environment": {**os.environ, "NO_COLOR": "1", "COLUMNS": "80", **environment},
            "stdout": stdout or str(out),
            "stderr": str(err),
        }
        print(json.dumps(asked), file=asks, flush=True)
        status = int(answers.readline())
        printed = "" if stdout else out.read_text(errors="surrogateescape")
        return subprocess.CompletedProcess(words, status, printed, err.read_text(errors="surrogateescape"))

    with server:
        yield run
        asks.close()


@pytest.fixture(scope="session")
def judge() -> Iterator[Judge]:
    """A judge with one worker for all tests of the process, so that leftovers of a run break later tests."""
    with Judge(compile_cache_mib=0) as judge:
        yield judge


@pytest.fixture(scope="session")
def problem_of() -> Callable[..., Problem]:
    return make_problem


@pytest.fixture(scope="session")
def submission_of() -> Callable[..., Submission]:
    return make_submission


@pytest.fixture(scope="session")
def judged(judge: Judge) -> Callable[..., Judgement]:
    """Judge a source on (input, answer) pairs; further arguments go to the problem or the judge."""

    def call(
        source: str | bytes, *tests: tuple[bytes, bytes], language: str = "python", **rest: Any
    ) -> Judgement:
        how = {name: rest.pop(name) for name in _HOW if name in rest}
        problem = make_problem(*(tests or [(b"", b"")]), **rest)
        return judge.judge(problem, make_submission(source, language), **how)

    return call


@pytest.fixture(scope="session")
def run_of(judged: Callable[..., Judgement]) -> Callable[..., Run]:
    """Judge a source on one (input, answer) pair and return the run with its output."""

    def call(source: str | bytes, stdin: bytes = b"", answer: bytes = b"", **rest: Any) -> Run:
        (run,) = judged(source, (stdin, answer), samples=True, **rest).runs
        return run

    return call


@pytest.fixture(scope="session")
def executed(judge: Judge) -> Callable[..., Execution]:
    """Run a source on an input without comparing its output."""

    def call(source: str | bytes, stdin: bytes = b"", language: str = "python", **limits: float) -> Execution:
        bounds = Limits(**({"time_s": 2.0} | limits))  # type: ignore[arg-type]
        return judge.execute(make_submission(source, language), stdin, limits=bounds)

    return call


def processes_below(ancestor: int) -> set[int]:
    """Return the descendants of a process without zombies."""
    parents: dict[int, int] = {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError), open(f"/proc/{name}/stat", "rb") as file:
            state, parent = file.read().rpartition(b")")[2].split()[:2]
            if state != b"Z":
                parents[int(name)] = int(parent)
    found = {ancestor}
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= more
    return found - {ancestor}


@pytest.fixture(scope="session")
def descendants() -> Callable[..., set[int]]:
    """Return a function that lists the running descendants of this process, or of a given process."""
    return lambda ancestor=0: processes_below(ancestor or os.getpid())


@pytest.fixture(scope="session")
def wait_for() -> Callable[[Callable[[], Any]], Any]:
    """Wait for a condition and return its first true value."""

    def wait(condition: Callable[[], Any]) -> Any:
        deadline = monotonic() + 30
        pause = threading.Event()
        while not (value := condition()):
            assert monotonic() < deadline, "it did not happen in time"
            pause.wait(0.002)
        return value

    return wait


@pytest.fixture(scope="session")
def command_of() -> Callable[[int], str]:
    """Return the name of the program that a process runs."""
    return lambda pid: Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[0].decode()


@contextmanager
def without_descriptors() -> Iterator[None]:
    """Use up the file descriptors of this process."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    filled = []
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(map(int, os.listdir("/proc/self/fd"))) + 2, hard))
    try:
        while True:
            filled.append(os.open("/dev/null", os.O_RDONLY))
    except OSError:
        pass
    try:
        yield
    finally:
        for file in filled:
            os.close(file)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.fixture(scope="session")
def no_more_descriptors() -> Callable[[], AbstractContextManager[None]]:
    """Return a context in which this process cannot open another file."""
    return without_descriptors


class Browser:
    """A headless Chromium, controlled by the W3C WebDriver protocol.

    Args:
        driver: Address of a chromedriver.
        profile: Folder of the browser.
    """

    def __init__(self, driver: str, profile: Path) -> None:
        self._driver = driver
        words = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        words += [f"--user-data-dir={profile}", "--window-size=1300,1400", "--no-first-run"]
        options = {"args": words, "binary": shutil.which("chromium")}
        capabilities = {"goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}
        made = self._ask("POST", "/session", {"capabilities": {"alwaysMatch": capabilities}})
        self._session = f"/session/{made['sessionId']}"

    def _ask(self, method: str, path: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self._driver + path, data=data, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            with error:
                raise AssertionError(error.read().decode()) from error

    def open(self, url: str) -> None:
        self._ask("POST", f"{self._session}/url", {"url": url})

    def script(self, source: str, *arguments: Any) -> Any:
        return self._ask("POST", f"{self._session}/execute/sync", {"script": source, "args": list(arguments)})

    def texts(self, selector: str) -> list[str]:
        found = "return [...document.querySelectorAll(arguments[0])].map((each) => each.textContent)"
        return list(self.script(found, selector))

    def wait(self, source: str, *arguments: Any) -> Any:
        """Wait until a script returns something true, and return it."""
        deadline = time.monotonic() + 30
        while True:
            if value := self.script(source, *arguments):
                return value
            assert time.monotonic() < deadline, f"{source} never came; the page: {self.texts('body')}"
            time.sleep(0.02)

    def shown(self, place: str) -> None:
        """Wait until the page shows the view of a URL fragment."""
        self.wait("return document.getElementById('main')?.dataset.shown === arguments[0]", place)

    def click(self, selector: str) -> None:
        found = self._element(selector)
        self._ask("POST", f"{self._session}/element/{found}/click", {})

    def write(self, selector: str, text: str) -> None:
        found = self._element(selector)
        self._ask("POST", f"{self._session}/element/{found}/value", {"text": text})

    def _element(self, selector: str) -> str:
        value = {"using": "css selector", "value": selector}
        found = self._ask("POST", f"{self._session}/element", value)
        return str(next(iter(found.values())))

    def resize(self, width: int) -> None:
        """Set the width of the page in pixels."""
        metrics = {"width": width, "height": 1400, "deviceScaleFactor": 1, "mobile": False}
        command = {"cmd": "Emulation.setDeviceMetricsOverride", "params": metrics}
        self._ask("POST", f"{self._session}/goog/cdp/execute", command)

    def screenshot(self) -> bytes:
        return base64.b64decode(self._ask("GET", f"{self._session}/screenshot"))

    def complaints(self) -> list[str]:
        """Return new console messages of the page, except the one about the missing icon."""
        entries = self._ask("POST", f"{self._session}/se/log", {"type": "browser"})
        return [entry["message"] for entry in entries if "favicon" not in entry["message"]]

    def close(self) -> None:
        self._ask("DELETE", self._session)


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """One browser for all tests of the process."""
    driver, chromium = shutil.which("chromedriver"), shutil.which("chromium")
    if not driver or not chromium:
        pytest.skip("no Chromium with its driver here: apt-get install chromium chromium-driver")
    with subprocess.Popen([driver, "--port=0"], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            said = next(line for line in process.stdout if "successfully on port" in line)
            port = int(said.rstrip(".\n").rpartition(" ")[2])
            browser = Browser(f"http://127.0.0.1:{port}", tmp_path_factory.mktemp("profile"))
            try:
                yield browser
            finally:
                browser.close()
        finally:
            process.terminate()
