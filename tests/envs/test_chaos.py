"""Faults at any step of an episode: a right program gets its reward or none, never a worse one."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import socket
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import gymnasium
import pytest

from codefrontier.envs import AgenticEnv, CodingEnv, SingleEnv, ToolEnv
from codefrontier.judge import JudgeError
from codefrontier.problems import Limits, Problem, Testset

pytestmark = pytest.mark.sandbox
SUM = "a, b = map(int, input().split())\nprint(a + b)\n"
DEADLINE_S = 1.5
"""Of the judge: a hanging one is given up after so long."""
LONGEST_STEP_S = 30.0
Pids = Callable[[], set[int]]


def call(name: str, **arguments: str) -> str:
    return json.dumps({"name": name, "arguments": arguments})


PLANS: dict[type[CodingEnv], list[str]] = {
    SingleEnv: [f"```\n{SUM}```"],
    ToolEnv: [
        call("python", code="print(input())", stdin="1"),
        call("run_samples", code=SUM),
        "no call",
        call("submit", code=SUM),
    ],
    AgenticEnv: [
        call("bash", command="ls"),
        call("edit", command="create", path="a.py", text=SUM),
        call("run_samples", path="a.py"),
        call("submit", path="a.py"),
    ],
}


class Chaos(gymnasium.Wrapper[str, str, str, str]):
    """Makes something fail just before a step.

    Args:
        env: Has a judge of its own.
        pids: Tells the processes that this process has started.
        random_numbers: Choose the fault and the step.
    """

    def __init__(self, env: CodingEnv, pids: Pids, random_numbers: random.Random) -> None:
        super().__init__(env)
        self._others = pids()
        self._all = pids
        self._random = random_numbers
        self._steps_left = -1
        self.faults: Counter[str] = Counter()

    def arm(self, step: int) -> None:
        """Have a fault at this step of the episode, counted from 0; below 0 at none."""
        self._steps_left = step

    def step(self, action: str) -> tuple[str, Any, bool, bool, dict[str, Any]]:
        if self._steps_left == 0:
            fault = self._random.choice([self.kill_one, self.kill_all, self.hang, self.drop, self.fill_disk])
            self.faults[fault.__name__] += fault()
        self._steps_left -= 1
        return super().step(action)

    def _pids(self) -> list[int]:
        return sorted(self._all() - self._others)

    def kill_one(self) -> bool:
        pids = self._pids()
        return bool(pids) and send(self._random.choice(pids), signal.SIGKILL)

    def kill_all(self) -> bool:
        return sum(send(pid, signal.SIGKILL) for pid in self._pids()) > 0

    def hang(self) -> bool:
        """Stop every process of the judge, for good: it answers no more, and is not dead either."""
        return sum(send(pid, signal.SIGSTOP) for pid in self._of_the_judge()) > 0

    def drop(self) -> bool:
        """End the connection to a sandbox of the judge."""
        judge: Any = self.unwrapped._referee._judge._own  # type: ignore[attr-defined]
        sandbox = judge and judge._all[0]._sandbox
        if sandbox is None:
            return False
        with contextlib.suppress(OSError):
            sandbox._stream.shutdown(self._random.choice([socket.SHUT_RDWR, socket.SHUT_RD, socket.SHUT_WR]))
        return True

    def fill_disk(self) -> bool:
        """Fill the /tmp of each sandbox from outside, which only root can."""
        return sum(fill(pid) for pid in self._of_the_judge()) > 0

    def _of_the_judge(self) -> list[int]:
        """Return the judge's processes; where there are workspaces they cannot be told apart, so none."""
        return [] if isinstance(self.unwrapped, AgenticEnv) else self._pids()


def send(pid: int, number: signal.Signals) -> bool:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, number)
        return True
    return False


def fill(pid: int) -> bool:
    written = 0
    with contextlib.suppress(OSError):
        if os.stat(f"/proc/{pid}/root/tmp").st_dev == os.stat("/tmp").st_dev:
            return False  # not in a sandbox
        with open(f"/proc/{pid}/root/tmp/full", "wb", buffering=0) as file:
            while written < 1 << 28:
                written += file.write(bytes(1 << 20))
    return written > 0


def play(env: Chaos, actions: list[str], fault_at: int) -> str:
    """Play an episode and return how it ended; fails when it scores less than the program is worth."""
    try:
        env.reset()
    except (JudgeError, OSError) as error:  # reset may raise them
        return f"no reset: {type(error).__name__}"
    env.arm(fault_at)
    for action in actions:
        started = time.monotonic()
        _, reward, terminated, truncated, info = env.step(action)
        assert time.monotonic() - started < LONGEST_STEP_S, "a step hangs"
        if truncated:
            assert (info["reward_valid"], info["stop_reason"], reward) == (False, "infrastructure", 0.0)
            assert info["error"]
            return str(info["error"])
        if terminated:
            assert (info["reward_valid"], info["verdict"], reward) == (True, "AC", 1.0), info
            return "accepted"
    raise AssertionError("the episode did not end")


@pytest.fixture
def chaos(descendants: Pids, problem: Problem) -> Iterator[Callable[..., Chaos]]:
    """Make environments that break, and see that nothing is left of them."""
    before = descendants()
    made: list[Chaos] = []
    quick = Problem(
        id=problem.id,
        title=problem.title,
        statement=problem.statement,
        tests=problem.tests,
        samples=Testset.inline([(b"1 2\n", b"3\n")]),
        limits=Limits(time_s=1.0),
    )

    def make(kind: type[CodingEnv], seed: int) -> Chaos:
        env = kind(problems=[quick], judge_deadline_s=DEADLINE_S)
        made.append(Chaos(env, descendants, random.Random(seed)))
        return made[-1]

    yield make
    for env in made:
        env.close()
    end = time.monotonic() + 10
    while descendants() - before and time.monotonic() < end:
        time.sleep(0.05)
    assert descendants() <= before, "something was left behind"


def storm(env: Chaos, episodes: int, actions: list[str], random_numbers: random.Random) -> Counter[str]:
    ends: Counter[str] = Counter()
    for _ in range(episodes):
        ends[play(env, actions, random_numbers.randrange(len(actions)))] += 1
    ends[play(env, actions, -1)] += 1
    return ends


@pytest.mark.parametrize(("kind", "episodes"), [(SingleEnv, 8), (ToolEnv, 12)])
def test_a_fault_at_a_random_step_never_scores(
    chaos: Callable[..., Chaos], kind: type[CodingEnv], episodes: int
) -> None:
    env = chaos(kind, 7)
    ends = storm(env, episodes, PLANS[kind], random.Random(3))
    assert sum(ends.values()) == episodes + 1
    assert ends["accepted"] >= 1
    assert env.faults.total() >= 2, env.faults  # an ordinary user may not do all of them


@pytest.mark.slow
@pytest.mark.timeout(1500)
@pytest.mark.parametrize(("kind", "episodes"), [(SingleEnv, 150), (ToolEnv, 250), (AgenticEnv, 100)])
def test_five_hundred_episodes_with_a_fault_never_score(
    chaos: Callable[..., Chaos], kind: type[CodingEnv], episodes: int
) -> None:
    env = chaos(kind, 1)
    ends = storm(env, episodes, PLANS[kind], random.Random(2))
    print(json.dumps({"mode": kind.mode, "ends": ends, "faults": env.faults}))
    assert sum(ends.values()) == episodes + 1
    assert ends["accepted"] >= episodes // 10


def test_a_judge_that_hangs_is_given_up_and_replaced(chaos: Callable[..., Chaos]) -> None:
    env = chaos(SingleEnv, 0)
    assert play(env, PLANS[SingleEnv], -1) == "accepted"
    env.reset()
    assert env.hang()
    started = time.monotonic()
    _, reward, terminated, truncated, info = env.step(PLANS[SingleEnv][0])
    assert time.monotonic() - started < LONGEST_STEP_S
    assert (reward, terminated, truncated, info["reward_valid"]) == (0.0, False, True, False)
    assert info["error"] == "DeadlineError"
    assert play(env, PLANS[SingleEnv], -1) == "accepted"
