"""Run jobs in separate processes, a few at a time, and skip jobs that are done."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ...agents.records.record import EpisodeRecord, read_episodes
from ..errors import BenchError

JOB_MODULE = f"{__package__}.job"
_POLL_S = 0.2
_ERROR_CHARACTERS = 3000


class JobError(BenchError):
    """A job failed; the message ends with the last lines of its output."""


@dataclass(frozen=True, kw_only=True)
class Job:
    """A piece of work that writes files."""

    name: str
    description: dict[str, Any] = field(repr=False)
    """Argument of the program `job.py`."""
    products: tuple[Path, ...]
    """Files and folders that all exist exactly when the job is done."""
    lines: tuple[Path, ...]
    """Files that grow by a line per unit of work."""
    units: int
    """Number of lines when the job is done."""

    @property
    def done(self) -> bool:
        """Whether all products exist."""
        return all(product.exists() for product in self.products)

    @property
    def progress(self) -> float:
        """The share of the work that is done, in [0, 1]."""
        if self.done:
            return 1.0
        return min(1.0, sum(map(_count_lines, self.lines)) / self.units)


def training_job(name: str, folder: Path, description: dict[str, Any], steps: int) -> Job:
    """Return the job of a training run, which ends with the checkpoint of its last step."""
    return Job(
        name=name,
        description=description,
        products=(folder / f"checkpoint-{steps:06d}",),
        lines=(folder / "metrics.jsonl",),
        units=steps,
    )


def evaluation_job(name: str, parts: Sequence[Mapping[str, Any]], judge: str | None, **model: Any) -> Job:
    """Return the job that plays checkpoints; a part is a checkpoint on a split, as for `job.evaluate`."""
    records = tuple(Path(part["out"]) for part in parts)
    return Job(
        name=name,
        description={"kind": "evaluate", "parts": list(parts), "judge": judge, **model},
        products=records,
        lines=(*records, *(path.with_suffix(".partial") for path in records)),
        units=sum(part["problems"] * part["samples"] for part in parts),
    )


def in_order(records: Path) -> list[EpisodeRecord]:
    """Return the records of a file, ordered by problem and sample."""
    episodes = read_episodes(records).episodes
    return sorted(episodes, key=lambda episode: (episode.problem_id, episode.sample, episode.attempt))


def run_jobs(jobs: Sequence[Job], *, at_a_time: int, on_progress: Callable[[], None]) -> None:
    """Run the jobs that are not done; kill the running jobs when a job fails or on Ctrl-C.

    Raises:
        JobError: A job failed, or exited without its products.
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
    log = job.products[0].parent / f"{job.products[0].name}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", JOB_MODULE, json.dumps(job.description)],
            stdin=subprocess.PIPE,  # closed when this process ends, however it ends; the job then exits
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    return job, process, log


def _count_lines(path: Path) -> int:
    try:
        with path.open("rb") as file:
            return sum(1 for _ in file)
    except OSError:
        return 0


def _finish(job: Job, process: subprocess.Popen[bytes], log: Path) -> None:
    if process.stdin is not None:
        process.stdin.close()
    if process.returncode or not job.done:
        text = log.read_text("utf-8", "replace")[-_ERROR_CHARACTERS:]
        raise JobError(f"the job {job.name!r} exited with status {process.returncode}:\n{text}")
