"""The commands `codefrontier traces record` and `codefrontier traces rows`."""

from __future__ import annotations

import errno
import json
import os
import random
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from tyro.conf import Positional

from ...judge import JudgeError, JudgePool, open_judge
from ...judge.options import JudgeFlags, options_from
from ...judge.tracing import RecordBounds, record_all
from ...problems import ProblemError
from ...problems.traces import (
    StateTree,
    Trace,
    forward_policy,
    inverse_policy,
    read_traces,
    transition_rows,
    walk,
    walk_rows,
    write_traces,
)
from ...system import write_file
from ...terminal import INTERRUPTED, fail, print_json
from ..records.lines import RecordError
from .trace_sources import targets_of

DONE = 0
FORMS = {"walks": walk_rows, "transitions": transition_rows}


@dataclass(frozen=True, kw_only=True)
class RecordTracesCommand(JudgeFlags):
    """Run Python programs in the sandbox and write every call, line, return and exception with the variables.

    Programs that do not compile are left out and counted. The traces are JSON lines in DIR/traces.jsonl.
    """

    source: Positional[str]
    """`functions` (programs of the micro families as functions), a file of rows in the format of CruxEval, a
    folder of Python programs, records of a run (accepted submissions), or a problem set (accepted
    programs)."""
    to: Path
    """Folder for the traces, new or without traces."""
    count: int = 100
    """Most programs or calls to record."""
    seed: int = 0
    """Seed of the functions."""
    bug_share: float = 0.0
    """Share of the functions with a bug, in [0, 1]."""
    held_out: bool = False
    """Use functions of the combinations that are held out from training."""
    events: int = RecordBounds.events
    """Most events of a trace."""
    value_characters: int = RecordBounds.value_characters
    """Most characters of a value."""
    time_s: float = RecordBounds.time_s
    """CPU seconds of a run."""
    judge: str = "embedded"
    """Judge: `embedded`, `docker`, `auto`, or the address of a judging service or of Ray."""
    json: bool = False
    """Output as one JSON object instead of a line."""

    def run(self) -> int:
        """Record, print, and return the exit status."""
        failed: Counter[str] = Counter()
        try:
            bounds = RecordBounds(
                events=self.events, value_characters=self.value_characters, time_s=self.time_s
            )
            targets = targets_of(
                self.source,
                count=self.count,
                seed=self.seed,
                bug_share=self.bug_share,
                held_out=self.held_out,
            )
            with open_judge(self.judge, options_from(self)) as judge:
                written = write_traces(self.to, _recorded(judge, targets, bounds, failed))
        except KeyboardInterrupt:
            fail("stopped; the traces written so far are kept")
            return INTERRUPTED
        except (ProblemError, RecordError, JudgeError, ValueError, OSError) as error:
            return fail(error, self)
        if not written.traces:
            written.path.unlink()
            return fail(f"{self.source!r} has nothing to record: {_reasons(failed)}")
        if self.json:
            print_json({**asdict(written), "failed": failed})
        else:
            print(
                f"{written.traces} traces with {written.events} events are in {written.path}; "
                f"{written.cut} of them lack events; not recorded: {_reasons(failed)}"
            )
        return DONE


def _recorded(
    judge: JudgePool, targets: Iterable[Any], bounds: RecordBounds, failed: Counter[str]
) -> Iterator[Trace]:
    for found in record_all(judge, targets, bounds):
        if isinstance(found, Trace):
            yield found
        else:
            failed[str(found).partition(": ")[2].partition(":")[0]] += 1


def _reasons(failed: Counter[str]) -> str:
    return ", ".join(f"{count} {reason}" for reason, count in failed.most_common()) or "none"


@dataclass(frozen=True, kw_only=True)
class TraceRowsCommand:
    """Write walks through traces as rows for `codefrontier train sft --rows`: the model writes the states.

    Each walk draws its actions from the mixture of two policies that the documentation describes. Inverse
    walks are of whole traces only.
    """

    traces: Positional[Path]
    """File of traces, or folder of `traces record`."""
    to: Path
    """File to create."""
    form: Literal["walks", "transitions"] = "walks"
    """One row per walk with a reply for each action, or one row per action, which is shorter."""
    direction: Literal["both", "forward", "inverse"] = "both"
    """Direction of the walks."""
    walks: int = 1
    """Walks per trace and direction."""
    steps: int = 64
    """Most actions of a walk."""
    seed: int = 0
    """Seed of the walks."""
    json: bool = False
    """Output as one JSON object instead of a line."""

    def run(self) -> int:
        """Write, print, and return the exit status."""
        try:
            if self.walks < 1:
                raise ValueError(f"walks must be at least 1, got {self.walks!r}")
            if self.to.exists():
                raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(self.to))
            lines, traces = [], 0
            for trace in read_traces(self.traces):
                traces += 1
                lines += [json.dumps(row, ensure_ascii=False) + "\n" for row in self._rows(trace)]
            write_file(self.to, "".join(lines))
        except (ProblemError, ValueError, OSError) as error:
            return fail(error, self)
        if self.json:
            print_json({"rows": len(lines), "traces": traces, "file": self.to})
        else:
            print(f"{len(lines)} rows of {traces} traces are in {self.to}")
        return DONE

    def _rows(self, trace: Trace) -> Iterator[dict[str, Any]]:
        trees = []
        if self.direction != "inverse" and trace.events:
            trees.append((StateTree.forward(trace), forward_policy()))
        if self.direction != "forward" and trace.whole:
            trees.append((StateTree.backward(trace), inverse_policy()))
        for tree, policy in trees:
            for number in range(self.walks):
                rng = random.Random(f"{self.seed} {trace.target.id} {tree.inverse} {number}")
                made = walk(tree, policy, rng, steps=self.steps)
                yield from FORMS[self.form](made)
