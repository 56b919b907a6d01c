"""Outputs are computed in the sandbox, and bad code is contained and named."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from codefrontier.agents.synthesis.execution import Executed, check_reference, execute_proposal
from codefrontier.judge import Judge
from codefrontier.problems import Limits
from codefrontier.problems.synthesis import Form, Lineage, Proposal, Reject, assemble

pytestmark = pytest.mark.sandbox
SHORT = Limits(time_s=0.5, memory_mib=256, output_mib=2)
LINEAGE = Lineage(teacher="t", student="s", seed="x", lineage=0, turn=0, parent="")


def function(body: str, *, before: str = "") -> Proposal:
    code = f"{before}def f(a, b):\n    {body}\n"
    inputs = tuple([number, [number, str(number)]] for number in range(5))
    return Proposal(title="t", statement="s", form=Form.FUNCTION, code=code, inputs=inputs)


def program(code: str) -> Proposal:
    inputs = tuple(f"{number}\n" for number in range(5))
    return Proposal(title="t", statement="s", form=Form.PROGRAM, code=code, inputs=inputs)


def test_outputs_of_a_function_are_json(judge: Judge) -> None:
    found = execute_proposal(judge, function("print('noise'); return {'a': a, 'b': (b, None)}"), [[7, []]])
    assert json.loads(found.outputs[2]) == {"a": 2, "b": [[2, "2"], None]}
    assert (found.reject, found.shared) == (None, ('{"a": 7, "b": [[], null]}',))


@pytest.mark.parametrize(
    "code",
    [
        "print(int(input()) + 1)",
        "import sys\nsys.stdout.buffer.write(b'%d\\n' % (int(sys.stdin.buffer.read()) + 1))",
        "import sys\nfor line in sys.stdin:\n    print(int(line) + 1)\nsys.exit()",
    ],
)
def test_outputs_of_a_program_are_what_it_prints(judge: Judge, code: str) -> None:
    assert execute_proposal(judge, program(code), []).outputs == tuple(f"{n}\n" for n in range(1, 6))


def test_an_error_on_a_shared_input_is_no_fault_of_the_proposal(judge: Judge) -> None:
    found = execute_proposal(judge, function("return a + 1"), [["x", 0], [1, 0]])
    assert (found.reject, found.shared) == (None, (None, "2"))


@pytest.mark.parametrize(
    ("proposal", "reject"),
    [
        (function("while True: pass"), Reject.NON_TERMINATING),
        (function("return f(a, b)"), Reject.CRASH),
        (function("return 1 // a"), Reject.CRASH),
        (function("return {1, 2}"), Reject.BAD_OUTPUT),
        (function("return float('nan')"), Reject.BAD_OUTPUT),
        (function("return 'x' * 300_000"), Reject.BAD_OUTPUT),
        (function("return 'x' * 4_000_000"), Reject.RESOURCES),
        (function("return [0] * 10 ** 9"), Reject.CRASH),
        (function("return list({'a', 'b', 'c', 'd', 'e', 'f', 'g'})"), Reject.NONDETERMINISTIC),
        (function("return id(object())", before="import random\n"), Reject.NONDETERMINISTIC),
        (function("return random.random()", before="import random\n"), Reject.NONDETERMINISTIC),
        (function("return time.time_ns()", before="import time\n"), Reject.NONDETERMINISTIC),
        (function("os._exit(0)", before="import os\n"), Reject.CRASH),
        (function("os.write(1, b'[]'); os.kill(os.getpid(), 9)", before="import os\n"), Reject.CRASH),
        (function("while True: os.fork()", before="import os\n"), Reject.CRASH),
        (function("return open('/etc/shadow').read()"), Reject.CRASH),
        (function("return open('/root/.profile').read()"), Reject.CRASH),
        (function("socket.create_connection(('127.0.0.1', 80))", before="import socket\n"), Reject.CRASH),
        (function("subprocess.run(['ls'])", before="import subprocess\n"), Reject.CRASH),
        (program("import sys\nsys.exit(3)"), Reject.CRASH),
        (program("raise SystemExit('no')"), Reject.CRASH),
    ],
)
def test_bad_code_is_rejected_with_its_reason(judge: Judge, proposal: Proposal, reject: Reject) -> None:
    found = execute_proposal(judge, proposal, limits=SHORT)
    assert (found.reject, found.outputs) == (reject, ())
    assert found.message
    assert execute_proposal(judge, function("return a"), []).outputs == ("0", "1", "2", "3", "4"), (
        "the sandbox is lost"
    )


def test_writing_files_changes_nothing_outside_of_the_sandbox(judge: Judge, tmp_path: Path) -> None:
    path = tmp_path / "written"
    found = execute_proposal(judge, function(f"open({str(path)!r}, 'w').write('x'); return a"), [])
    assert found.reject is Reject.CRASH
    assert not path.exists()


def test_state_between_calls_is_nondeterminism(judge: Judge) -> None:
    counting = function("import builtins; builtins.n = getattr(builtins, 'n', 0) + 1; return builtins.n")
    assert execute_proposal(judge, counting, []).reject is Reject.NONDETERMINISTIC


def checked(judge: Judge, proposal: Proposal, outputs: tuple[str, ...]) -> Executed | None:
    return check_reference(judge, assemble(proposal, outputs, problem_id="x", lineage=LINEAGE))


def test_the_teachers_code_must_solve_its_own_problem(judge: Judge) -> None:
    proposal = function("return a * 2")
    assert checked(judge, proposal, ("0", "2", "4", "6", "8")) is None
    wrong = checked(judge, proposal, ("0", "2", "4", "6", "9"))
    assert wrong is not None
    assert (wrong.reject, wrong.message) == (
        Reject.NONDETERMINISTIC,
        "the verdict on the teacher's own code is WA",
    )
