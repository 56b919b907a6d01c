"""A run of reinforcement that kills itself with SIGKILL at given points, and is resumed until it is done.

    python kill_program.py FOLDER_OF_CONFTEST SETTINGS_AS_JSON KILLS SEED

Points are spread over the phases of a step; the seed draws the step after which a point comes and the place
within the phase. Prints, for each kill, the phase and the number of checkpoints then on the disk. The parent
process does nothing but fork and wait, so that a new start costs no imports.
"""

from __future__ import annotations

import itertools
import json
import os
import random
import signal
import sys
import threading
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from codefrontier.judge import Judge, Judgement, Submission
from codefrontier.problems import Problem
from codefrontier.training.algorithms.algorithm import EpisodePlan, Group
from codefrontier.training.algorithms.framework.losses import PolicyLoss, policy_loss
from codefrontier.training.algorithms.grpo import GRPO
from codefrontier.training.settings import RLSettings
from codefrontier.training.trainer import train

PHASES = ("sample", "judge", "update", "metrics", "checkpoint")
WRITES = (
    ("os.mkdir", ".checkpoint-", ".partial"),
    ("open", ".partial/", "trainer.pt"),
    ("open", ".partial/", "digests.json"),
    ("os.rename", ".partial", "/checkpoint-"),
)
"""Steps of the writing of a checkpoint: an event of the interpreter, and texts in its arguments."""
SAMPLING_S = 0.02
"""Longest time between the begin of sampling, or of an update elsewhere, and the kill."""


@dataclass(frozen=True, kw_only=True)
class Point:
    """Where a run is killed."""

    phase: str
    after: int
    """Number of steps that the start takes before."""
    place: int
    """Which part of the phase."""
    delay_s: float


def points(generator: random.Random) -> Iterator[Point]:
    """Yield points whose phases take turns, most of them soon after a start."""
    for number in itertools.count():
        yield Point(
            phase=PHASES[number % len(PHASES)],
            after=generator.choice((0, 0, 1, 1, 2)),
            place=number // len(PHASES),
            delay_s=generator.uniform(0, SAMPLING_S),
        )


class Killer:
    """Kills this process at a point."""

    def __init__(self, point: Point | None, out: Path) -> None:
        self.point = point
        self.taken = 0
        """Number of steps that were taken since the start."""
        self._out = out

    def reaches(self, phase: str) -> bool:
        """Return whether the point is in this phase of the current step."""
        return self.point is not None and self.point.phase == phase and self.point.after == self.taken

    def kill(self, delay_s: float = 0.0) -> None:
        """End the process, now or later."""
        if delay_s:
            threading.Timer(delay_s, os.kill, (os.getpid(), signal.SIGKILL)).start()
        else:
            os.kill(os.getpid(), signal.SIGKILL)

    def watch_writes(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Kill the process before it writes; an audit hook of the interpreter."""
        if self.point is None or self.point.phase not in ("metrics", "checkpoint"):
            return
        if event not in ("open", "os.mkdir", "os.rename"):
            return
        said = " ".join(str(each) for each in arguments)
        if str(self._out) not in said:
            return
        if self.point.phase == "metrics":
            appends = event == "open" and "metrics.jsonl a" in said
            if appends and self.reaches("metrics"):
                self.kill()
        else:
            wanted, *texts = WRITES[self.point.place % len(WRITES)]
            if event == wanted and all(text in said for text in texts):
                self.kill()


class KillingJudge:
    """A judge of which a call kills the process, before or after the program was judged."""

    def __init__(self, judge: Judge, killer: Killer) -> None:
        self._judge, self._killer = judge, killer

    def judge(self, problem: Problem, submission: Submission, **how: Any) -> Judgement:
        """Judge a submission."""
        point = self._killer.point
        reached = self._killer.reaches("judge")
        if reached and point is not None and point.place % 2 == 0:
            self._killer.kill()
        judgement = self._judge.judge(problem, submission, **how)
        if reached:
            self._killer.kill()
        return judgement

    def execute(self, *arguments: Any, **keywords: Any) -> Any:
        """Run a program."""
        return self._judge.execute(*arguments, **keywords)


class KillingGRPO(GRPO):
    """GRPO whose hooks kill the process.

    Args:
        killer: The killer.
        group_size: Number of episodes per problem.
        here: Whether the updates are in this process.
    """

    def __init__(self, killer: Killer, *, group_size: int, here: bool) -> None:
        super().__init__(group_size=group_size)
        self._killer, self._here = killer, here
        if here:
            self.surrogate = self._surrogate

    def plan_group(self, problem: Problem) -> Sequence[EpisodePlan]:
        """Plan a group; its sampling begins soon after."""
        if self._killer.reaches("sample") and self._killer.point is not None:
            self._killer.kill(self._killer.point.delay_s)
        return super().plan_group(problem)

    def score_batch(self, groups: Sequence[Group]) -> Sequence[Group]:
        """Score a batch; its update begins soon after."""
        if not self._here and self._killer.reaches("update") and self._killer.point is not None:
            self._killer.kill(self._killer.point.delay_s)
        return super().score_batch(groups)

    def _surrogate(self, *scores: Any, **keywords: Any) -> PolicyLoss:
        if self._killer.reaches("update"):
            self._killer.kill()
        return policy_loss(*scores, **keywords)


def start(chosen: dict[str, Any], parts: Any, point: Point | None) -> int:
    """Begin the run, or continue it, in a new process; return its id."""
    child = os.fork()
    if child:
        return child
    status = 1
    try:
        settings = RLSettings(
            **{**chosen, "out": Path(chosen["out"]), "init": Path(chosen["init"]), "resume": True}
        )
        killer = Killer(point, settings.out)
        sys.addaudithook(killer.watch_writes)
        algorithm = KillingGRPO(killer, group_size=settings.group, here=not settings.staleness)
        with Judge(workers=1) as judge:
            train(
                settings,
                algorithm=algorithm,
                judge=KillingJudge(judge, killer),
                problems=parts.make_stream(),
                on_step=lambda metrics: setattr(killer, "taken", killer.taken + 1),
            )
        status = 0
    finally:
        if status:
            traceback.print_exc()
        sys.stderr.flush()
        os._exit(status)


def main() -> int:
    """Kill the run as often as asked for, let it end, and return its exit status."""
    sys.path.insert(0, sys.argv[1])
    parts = __import__("conftest")
    chosen: dict[str, Any] = json.loads(sys.argv[2])
    out = Path(chosen["out"])
    killed = []
    for point in itertools.islice(points(random.Random(int(sys.argv[4]))), int(sys.argv[3])):
        _, status = os.waitpid(start(chosen, parts, point), 0)
        code = os.waitstatus_to_exitcode(status)
        if code != -signal.SIGKILL:
            print(f"not killed in {point}: exit status {code}", file=sys.stderr)
            return 1
        killed.append([point.phase, len(list(out.glob("checkpoint-*")))])
    print(json.dumps(killed))
    return os.waitstatus_to_exitcode(os.waitpid(start(chosen, parts, None), 0)[1])


if __name__ == "__main__":
    sys.exit(main())
