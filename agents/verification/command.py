"""The command `codefrontier problems verification`."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import chain
from pathlib import Path
from typing import Annotated, Any, Literal

from tyro.conf import EnumChoicesFromValues, arg

from ...judge import JudgeError, JudgePool, Language, open_judge
from ...judge.host import require_sandbox
from ...problems import ProblemError
from ...problems.verification import VerificationKind, VerificationTask, read_tasks, rotations, write_tasks
from ...terminal import fail, print_json
from ..records.record import RecordError
from .build import BuildSettings, Built, build_tasks
from .proof import prove_labels
from .sources import FAMILIES, find_task_problem, program_pools, within

DONE, WRONG_LABELS = 0, 1
Kind = Literal["easy", "hard", "strong", "adv", "heldout"]


@dataclass(frozen=True, kw_only=True)
class VerificationCommand:
    """Build a set of tasks of verification, or check the labels of a set with the judge.

    A task shows a problem and 2 to 5 programs, of which exactly one is right. With --check, the exit status
    is 1 if a label is wrong.
    """

    source: Annotated[tuple[str, ...], arg(name="from")] = ()
    """Sources of programs: `families` or `families:PART`, `records:RUN`, or a problem set with labelled
    programs, such as `classics`, `codecontests` or a folder of packages."""
    kind: Kind = "easy"
    """Kind: `easy` (pass rates of the wrong programs below 0.5), `hard` (0.7 to 0.9), `strong` (programs of
    the records given), `adv` (wrong programs edited to deceive), `heldout` (held-out problems)."""
    to: Path | None = None
    """Folder for the set."""
    tasks: int = 200
    """Number of tasks wanted; rounded down so that the set is balanced."""
    sizes: tuple[int, ...] = (2, 3, 4, 5)
    """Numbers of programs of a task; each gets an equal share of the tasks."""
    per_problem: int = 4
    """Largest number of tasks of a problem."""
    orders: int = 1
    """Number of orders in which each task is asked, to measure consistency; at most the smallest size."""
    languages: tuple[EnumChoicesFromValues[Language], ...] = (Language.PYTHON,)
    """Languages of the programs of families: python, cpp, cpp17, cpp23, java. A task has programs of one
    language."""
    window: tuple[str, str] | None = None
    """First and last contest date of the problems, each included; for sets of the kind `heldout`."""
    seed: int = 0
    """Seed of all choices."""
    check: Path | None = None
    """Folder of a set whose labels are judged again, instead of building one."""
    workers: int = os.cpu_count() or 1
    """Number of programs judged at a time."""
    judge: str = "embedded"
    """Judge: `embedded`, `docker`, or the address of a service."""
    json: bool = False
    """Print one JSON object instead of lines."""

    def run(self) -> int:
        """Build or check, and return the exit status."""
        try:
            self._check_arguments()
            if self.judge == "embedded":
                require_sandbox()
            with open_judge(self.judge, workers=self.workers) as judge:
                return self._prove(judge, self.check) if self.check else self._build(judge)
        except (ValueError, ProblemError, RecordError, JudgeError, OSError) as error:
            return fail(error, self)

    def _check_arguments(self) -> None:
        if self.check is not None:
            if self.source or self.to:
                raise ValueError("--check examines a set that exists: leave out --from and --to")
            return
        if not self.source or self.to is None:
            raise ValueError("give --from SOURCE and --to DIR, or --check DIR")
        families = any(each.partition(":")[0] == FAMILIES for each in self.source)
        if self.languages != (Language.PYTHON,) and not families:
            raise ValueError(
                f"--languages is for programs of families, got the sources {', '.join(self.source)}, whose "
                "programs have languages of their own"
            )
        if not 1 <= self.orders <= min(self.sizes, default=1):
            raise ValueError(
                f"orders must be from 1 to {min(self.sizes)}, the smallest size, got {self.orders}"
            )
        if (self.to / "tasks.jsonl").exists():
            raise ValueError(f"{self.to} has tasks already; name another folder")

    def _build(self, judge: JudgePool) -> int:
        assert self.to is not None
        kind = VerificationKind(self.kind)
        settings = BuildSettings(
            kind=kind, tasks=self.tasks, sizes=self.sizes, per_problem=self.per_problem, seed=self.seed
        )
        pools = chain.from_iterable(
            program_pools(each, kind=kind, seed=self.seed, languages=self.languages) for each in self.source
        )
        built = build_tasks(within(pools, self.window), judge, settings)
        asked = [each for task in built.tasks for each in rotations(task, self.orders)]
        summary = {
            "kind": kind.value,
            "sources": list(self.source),
            "seed": self.seed,
            "window": self.window,
            "judge": {"version": judge.identity.version, "sandbox": judge.identity.sandbox},
            "dropped": dict(sorted(built.dropped.items())),
            "orders": self.orders,
            **balance(asked),
        }
        write_tasks(asked, self.to, summary=summary)
        self._tell_built(built, summary, len(asked))
        return DONE

    def _tell_built(self, built: Built, summary: dict[str, Any], count: int) -> None:
        if self.json:
            print_json({**summary, "tasks": count, "judged": built.programs, "to": str(self.to)})
            return
        print(f"{count} tasks on {summary['problems']} problems written to {self.to}")
        print(f"every label was proved twice: {built.programs} judgements")
        for size, places in summary["right_at"].items():
            print(f"{size} programs: the right one at place {_counts(places)}")
        for reason, count in summary["dropped"].items():
            print(f"dropped: {count} {reason}")

    def _prove(self, judge: JudgePool, folder: Path) -> int:
        tasks = read_tasks(folder)
        wrong = prove_labels(tasks, judge, find_task_problem)
        labels = sum(len(task.candidates) for task in tasks)
        if self.json:
            rows = [asdict(each) for each in wrong]
            print_json({"tasks": len(tasks), "labels": labels, "wrong": rows})
        else:
            for each in wrong:
                print(f"{each.task}, program {each.candidate}: states {each.stated}, found {each.found}")
            print(f"{len(tasks)} tasks, {labels} labels judged again: {len(wrong)} wrong", file=sys.stdout)
        return WRONG_LABELS if wrong else DONE


def balance(tasks: Sequence[VerificationTask]) -> dict[str, Any]:
    """Return where the right candidates stand and what the candidates are, as JSON values."""
    right_at: dict[str, Counter[str]] = {}
    for task in tasks:
        right_at.setdefault(str(len(task.candidates)), Counter())[str(task.right)] += 1
    every = [each for task in tasks for each in task.candidates]
    return {
        "problems": len({task.problem_spec for task in tasks}),
        "right_at": {size: dict(sorted(right_at[size].items())) for size in sorted(right_at)},
        "languages": dict(sorted(Counter(each.language for each in every).items())),
        "edits": dict(sorted(Counter(each.edit for each in every if each.edit).items())),
    }


def _counts(places: dict[str, int]) -> str:
    return ", ".join(f"{place} in {count}" for place, count in places.items())
