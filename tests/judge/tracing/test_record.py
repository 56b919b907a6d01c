"""Recording in the sandbox: events, values, bounds, and programs that work against the recorder."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from codefrontier.judge import Judge
from codefrontier.judge.tracing import RecordBounds, record
from codefrontier.judge.tracing.recording import recorder_source
from codefrontier.problems import ProblemError
from codefrontier.problems.traces import Trace, TraceTarget

pytestmark = pytest.mark.sandbox
MIXED = """
import collections
def f(x, n=2):
    total = 0
    for i in range(n):
        total += g(x) + g(i)
    try:
        h(0)
    except ZeroDivisionError as error:
        total -= 1
    return total, [k * k for k in range(3)]

def g(y):
    return y + 1

def h(z):
    return 1 / z

def numbers():
    for i in range(2):
        got = yield i

class Point:
    def __init__(self):
        self.a = [1]
    def __repr__(self):
        raise RuntimeError("never called")

class Slots:
    __slots__ = ("b", "unset")
    def __init__(self):
        self.b = {2}

p, s, d = Point(), Slots(), collections.defaultdict(int, a=1)
q = [v for v in numbers()]
while len(q) < 4: q.append(1)
for pair in sorted([(2, 1), (1, 2)], key=lambda each: each[0]):
    x = f(*pair)
generator = numbers()
next(generator)
try:
    generator.throw(ValueError("thrown"))
except ValueError:
    pass
del q
print(x, file=__import__("sys").stdout)
"""


def traced(judge: Judge, source: str, entry: str | None = None, arguments: str = "", **rest: Any) -> Trace:
    bounds = RecordBounds(**{name: value for name, value in rest.items() if name != "engine"})
    target = TraceTarget(id="t", source=source, entry=entry, arguments=arguments)
    return record(judge, target, bounds, engine=rest.get("engine", "auto"))


def shown(trace: Trace) -> list[tuple[str, int, int, dict[str, str | None], str | None]]:
    return [(e.kind.value, e.depth, e.line, dict(e.changed), e.argument) for e in trace.events]


def test_a_function_gives_its_calls_lines_changes_and_results(judge: Judge) -> None:
    source = "def f(a):\n    b = g(a)\n    return b\ndef g(c):\n    raise KeyError(c)\n"
    trace = traced(judge, source, "f", "'k'")
    assert shown(trace) == [
        ("call", 0, 1, {"a": "'k'"}, None),
        ("line", 0, 2, {}, None),
        ("call", 1, 4, {"c": "'k'"}, None),
        ("line", 1, 5, {}, None),
        ("exception", 1, 5, {}, "KeyError('k')"),
        ("exception", 0, 2, {}, "KeyError('k')"),
    ]
    assert (trace.end, trace.error, trace.result, trace.whole) == ("error", "KeyError('k')", None, True)


def test_a_program_is_recorded_from_its_first_line_with_input_and_output(judge: Judge) -> None:
    target = TraceTarget(id="t", source="n = int(input())\nprint(n * 2)\n", input="21\n")
    trace = record(judge, target)
    assert [event.line for event in trace.events] == [0, 1, 2, 2] or [e.line for e in trace.events] == [
        1,
        1,
        2,
        2,
    ]
    assert (trace.output, trace.output_bytes, trace.end) == ("42\n", 3, "normal")
    assert trace.events[2].changed == {"n": "21"}


def test_two_runs_and_both_engines_give_the_same_bytes(judge: Judge) -> None:
    texts = [traced(judge, MIXED).to_json() for _ in range(2)]
    texts.append(traced(judge, MIXED, engine="settrace").to_json())
    assert len(set(texts)) == 1
    trace = Trace.from_json(texts[0])
    values = {name: text for event in trace.events for name, text in event.changed.items()}
    assert (values["p"], values["s"]) == ("Point(a=[1])", "Slots(b={2})")
    assert values["d"] == "defaultdict(<class 'int'>, {'a': 1})"
    assert values["q"] is None
    assert "0x" not in texts[0]


@pytest.mark.skipif(not Path("/usr/bin/python3.11").exists(), reason="there is no Python 3.11 here")
def test_python_311_gives_the_same_events_outside_of_comprehensions(tmp_path: Path) -> None:
    source = MIXED.replace("[k * k for k in range(3)]", "i").replace(
        "[v for v in numbers()]", "list(numbers())"
    )
    request: dict[str, Any] = {"source": source, "entry": None, "arguments": "", "input": ""}
    request |= {
        "engine": "auto",
        "events": 1000,
        "shown": 200,
        "locals": 50,
        "bytes": 1 << 20,
        "output_bytes": 100,
    }
    outputs = []
    program = tmp_path / "recorder.py"
    program.write_bytes(recorder_source())
    for python in ("/usr/bin/python3.11", sys.executable):
        command = [python, "-I", str(program)]
        done = subprocess.run(command, input=json.dumps(request).encode(), capture_output=True, check=True)
        outputs.append(done.stdout.splitlines()[:-1])
    assert len(outputs[0]) > 100
    assert outputs[0] == outputs[1]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("{1: [None, 2.5, 'x'], (1,): b'y'}", "{1: [None, 2.5, 'x'], (1,): b'y'}"),
        ("set(), frozenset([1])", "(set(), frozenset({1}))"),
        ("{3 * 10 ** 9, (1, 2), None}", "{(1, 2), 3000000000, None}"),
        ("range(3), len, dict", "(range(0, 3), <builtin_function_or_method len>, <class 'dict'>)"),
        ("'a' * 1000", "'" + "a" * 19 + "<cut>"),
        ("10 ** 100", "<int of 333 bits>"),
        ("[[[[[[1]]]]]]", "[[[[[<cut>"),
        ("object()", "<object object>"),
        ("type('E', (int,), {})(3)", "E(3)"),
        ("__import__('collections').deque([1, 2])", "deque([1, 2])"),
        ("ValueError('v', 1)", "ValueError('v', 1)"),
    ],
)
def test_values_are_shown_as_repr_shows_them_and_are_bounded(judge: Judge, value: str, text: str) -> None:
    bounds = 20 if "<cut>" in text or "bits" in text else 200
    trace = traced(judge, f"def f():\n    return {value}\n", "f", value_characters=bounds)
    assert trace.result == text


MONITORING = sys.version_info >= (3, 12)
HOSTILE = {
    "uninstalls the tracer": (
        "import sys\ndef f():\n    sys.settrace(None)\n    for t in range(6):\n"
        "        if hasattr(sys, 'monitoring') and sys.monitoring.get_tool(t):\n"
        "            sys.monitoring.set_events(t, 0)\n    return 1\n",
        ("normal", "detached"),
    ),
    "frees the tool": (
        "import sys\ndef f():\n    for t in range(6):\n"
        "        if hasattr(sys, 'monitoring') and sys.monitoring.get_tool(t):\n"
        "            sys.monitoring.free_tool_id(t)\n    return 1\n",
        ("normal", "detached" if MONITORING else ""),
    ),
    "ends its process": ("import os\ndef f():\n    os._exit(0)\n", ("error", "killed")),
    "closes every file": ("import os\ndef f():\n    os.closerange(0, 100)\n    x = 1\n", ("error", "killed")),
    "exits": ("import sys\ndef f():\n    sys.exit(3)\n", ("error", "")),
    # Before 3.12 the interpreter removes a trace function that itself exceeds the depth of recursion.
    "recurses": ("def f(n=0):\n    return f(n + 1)\n", ("error", "" if MONITORING else "detached")),
    "recurses through repr": (
        "class A:\n    def __repr__(self):\n        return repr(self)\n"
        "def f():\n    a = A()\n    a.a = a\n    return a\n",
        ("normal", ""),
    ),
    "has a hostile repr": (
        "seen = []\nclass M(type):\n    def __getattribute__(c, n):\n        seen.append(n)\n"
        "        while True: pass\n"
        "class A(metaclass=M):\n    __slots__ = ('x',)\n    @property\n    def __dict__(self):\n"
        "        seen.append(1)\n"
        "    def __repr__(self):\n        seen.append(2)\n    def __getattribute__(self, n):\n"
        "        seen.append(n)\n"
        "    def __eq__(self, other):\n        seen.append(3)\n    __hash__ = None\n"
        "def f():\n    a = A()\n    b = [a, a]\n    return len(seen)\n",
        ("normal", ""),
    ),
    "has sets in circles": (
        "class A:\n    pass\ndef f():\n    a = [A() for _ in range(20)]\n    for x in a:\n"
        "        x.s = set(a)\n    return len(a)\n",
        ("normal", ""),
    ),
    "replaces builtins": (
        "import builtins\ndef f():\n    builtins.repr = builtins.len = None\n    x = [1]\n    return x\n",
        None,
    ),
    "writes over the trace": (
        "import os\ndef f():\n    for n in range(3, 20):\n        try: os.write(n, b'[1]\\n')\n"
        "        except OSError: pass\n",
        None,
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_programs_are_contained(judge: Judge, name: str) -> None:
    source, expected = HOSTILE[name]
    if name == "writes over the trace":
        with pytest.raises(ProblemError, match="has written into its trace"):
            traced(judge, source, "f")
        return
    trace = traced(judge, source, "f")
    assert expected is None or (trace.end, trace.cut) == expected
    if name == "has a hostile repr":
        assert trace.result == "0"
        assert trace.events[-1].changed.keys() <= {"a", "b"}
    assert traced(judge, "def f():\n    return 1\n", "f").result == "1"


def test_a_gigabyte_of_output_is_counted_and_not_kept(judge: Judge) -> None:
    source = "def f():\n    line = 'x' * (1 << 20)\n    for _ in range(1024):\n        print(line, end='')\n"
    trace = traced(judge, source, "f", output_bytes=10)
    assert (trace.output, trace.output_bytes, trace.end) == ("x" * 10, 1 << 30, "normal")


def test_a_program_beyond_the_bound_of_events_runs_on_to_its_end(judge: Judge) -> None:
    source = "def f():\n    n = 0\n    while n < 3000:\n        n += 1\n    return n\n"
    trace = traced(judge, source, "f", events=50)
    assert (len(trace.events), trace.cut, trace.end, trace.result) == (50, "events", "normal", "3000")
    assert not trace.whole
    small = traced(judge, source, "f", trace_bytes=500)
    assert small.cut == "bytes"
    assert len(json.dumps([event.plain for event in small.events], separators=(",", ":"))) < 520


def test_an_endless_loop_never_ends_and_has_the_same_bytes_each_time(judge: Judge) -> None:
    for source in (
        "def f():\n    while True: pass\n",
        "import itertools\ndef f():\n    sum(itertools.count())\n",
    ):
        texts = {traced(judge, source, "f", time_s=0.1, events=50).to_json() for _ in range(2)}
        assert len(texts) == 1
        assert Trace.from_json(texts.pop()).end == "never"


def test_what_does_not_compile_is_an_error(judge: Judge) -> None:
    with pytest.raises(ProblemError, match="t: does not compile"):
        traced(judge, "def f(:\n", "f")
    with pytest.raises(ProblemError, match="t: does not compile"):
        traced(judge, "def f(a):\n    return a\n", "f", "1)+(")
    with pytest.raises(ValueError, match="events must be a positive number, got 0"):
        RecordBounds(events=0)
