"""Runs jobs in processes of their own, a few at a time, and knows which are done."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..errors import BenchError

JOB_MODULE = f"{__package__}.job"
_POLL_S = 0.2
_ERROR_CHARACTERS = 3000


class JobError(BenchError):
    """A job failed; the message holds its last words."""


@dataclass(frozen=True, kw_only=True)
class Job:
    """A piece of work that leaves something behind."""

    name: str
    description: dict[str, Any] = field(repr=False)
    """What `job.py` reads."""
    products: tuple[Path, ...]
    """All exist exactly when the job is done."""
    lines: tuple[Path, ...]
    """Files that grow by a line per unit of work."""
    units: int
    """Lines when the job is done."""

    @property
    def done(self) -> bool:
        """Whether there is nothing left to do."""
        return all(product.exists() for product in self.products)

    @property
    def progress(self) -> float:
        """The share that is done, in [0, 1]."""
        if self.done:
            return 1.0
        return min(1.0, sum(map(_count_lines, self.lines)) / self.units)


def run_jobs(jobs: Sequence[Job], *, at_a_time: int, on_progress: Callable[[], None]) -> None:
    """Run the jobs that are not done; on any failure or Ctrl-C the running ones are ended.

    Raises:
        JobError: A job failed, or left nothing behind.
    """
    waiting = [job for job in jobs if not job.done]
    running: list[tuple[Job, subprocess.Popen[bytes], Path]] = []
    try:
        while waiting or running:
            while waiting and len(running) < at_a_time:
                running.append(_start(waiting.pop(0)))
            time.sleep(_POLL_S)
            on_progress()
            for entry in [entry for entry in running if entry[1].poll() is not None]:
                running.remove(entry)
                _finish(*entry)
    finally:
        for _, process, _ in running:
            process.kill()
            process.wait()
            if process.stdin is not None:
                process.stdin.close()


def _start(job: Job) -> tuple[Job, subprocess.Popen[bytes], Path]:
    words = job.products[0].parent / f"{job.products[0].name}.log"
    words.parent.mkdir(parents=True, exist_ok=True)
    with words.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", JOB_MODULE, json.dumps(job.description)],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    return job, process, words


def _count_lines(path: Path) -> int:
    try:
        with path.open("rb") as file:
            return sum(1 for _ in file)
    except OSError:
        return 0


def _finish(job: Job, process: subprocess.Popen[bytes], words: Path) -> None:
    if process.stdin is not None:
        process.stdin.close()
    if process.returncode or not job.done:
        text = words.read_text("utf-8", "replace")[-_ERROR_CHARACTERS:]
        raise JobError(f"the job {job.name!r} ended with status {process.returncode}:\n{text}")
