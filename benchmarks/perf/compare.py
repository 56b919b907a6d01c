"""Measure how long a comparison and a report of simulated records take: reading, tests, figures and pages.

Writes records of a line of merges through the writer of runs. Then reads and compares them as `codefrontier
compare` does, and writes a report as `codefrontier report` does. The last line is JSON.

    python benchmarks/perf/compare.py [--quick] [--problems N] [--samples N] [--runs N] [--keep FOLDER]
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from codefrontier.agents import (
    AgentIdentity,
    EpisodeRecord,
    EpisodeWriter,
    JudgementRecord,
    JudgeRecord,
    RunRecord,
    StepRecord,
    Usage,
)
from codefrontier.benchmarks.comparing import collect, compare, read_played
from codefrontier.benchmarks.reporting import find, read_source, write_report
from codefrontier.judge import FailureClass, Verdict, failure_class

TESTS = 20
TEXT = "x" * 1500
"""Statement, reply and program of each record."""
OUTCOMES = (
    Verdict.ACCEPTED,
    Verdict.WRONG_ANSWER,
    Verdict.RUNTIME_ERROR,
    Verdict.COMPILE_ERROR,
    Verdict.TIME_LIMIT_EXCEEDED,
)


def chances(alphas: NDArray[np.float64], problems: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return the chances of the outcomes: float64 [E, P, O]; a higher alpha is faster and less right."""
    easy, slow = rng.beta(0.8, 0.8, problems), rng.beta(0.7, 0.9, problems)
    alpha = alphas[:, None]
    naive = slow * np.clip(0.9 - 0.8 * alpha, 0.02, 0.98)
    wrong = (1 - easy) * np.clip(0.45 + 0.35 * alpha, 0.05, 0.9)
    broken = np.broadcast_to(np.clip(0.03 + 0.5 * (alpha - 1), 0.03, 0.6), wrong.shape)
    limited = (1 - wrong) * naive
    left = 1 - wrong - limited
    parts = [
        left * (1 - broken),
        wrong * 0.9,
        wrong * 0.1 + left * broken * 0.5,
        left * broken * 0.5,
        limited,
    ]
    return np.stack(parts, axis=-1)


def write_run(path: Path, alpha: float, outcomes: NDArray[np.int64]) -> None:
    """Write a record for each sample: int64 [P, K], places in OUTCOMES."""
    with EpisodeWriter(path) as writer:
        for problem, row in enumerate(outcomes):
            for sample, outcome in enumerate(row.tolist()):
                writer.write(_record(alpha, problem, sample, OUTCOMES[outcome]))


def _record(alpha: float, problem: int, sample: int, last: Verdict) -> EpisodeRecord:
    compiled = last is not Verdict.COMPILE_ERROR
    verdicts = [*[Verdict.ACCEPTED] * (TESTS - 1), last] if compiled else []
    runs = tuple(
        RunRecord(index=index, input_size=index, verdict=verdict, cpu_time_s=0.1, memory_mib=9)
        for index, verdict in enumerate(verdicts)
    )
    judgement = JudgementRecord(
        verdict=last,
        selected=TESTS,
        tests=TESTS,
        runs=runs,
        cpu_time_s=2.0,
        judge=JudgeRecord(version="1", sandbox="embedded"),
    )
    merge = {"recipe": {"method": "lerp", "alpha": alpha}, "parents": {"low": "1" * 64, "high": "2" * 64}}
    return EpisodeRecord(
        package_version="1",
        problem_id=f"p{problem:04}",
        problem_digest=f"{problem:064x}",
        difficulty=("easy", "medium", "hard")[problem % 3],
        env_id="Simulated-single",
        env_version=1,
        env_kwargs={"problem_set": "simulated", "coverage": 1.0},
        mode="single",
        language="python",
        seed=sample,
        sample=sample,
        agent=AgentIdentity(
            name=f"policy:alpha{alpha:+g}", kind="policy", model=f"{alpha}", settings={"recipe": merge}
        ),
        observation=TEXT,
        messages=({"role": "user", "content": TEXT}, {"role": "assistant", "content": TEXT}),
        steps=(StepRecord(action=TEXT, observation="", reward=float(last.accepted), finish_reason="stop"),),
        stop_reason="submitted",
        reward=float(last.accepted),
        reward_valid=True,
        failure_class=failure_class(verdicts) if compiled else FailureClass.CORRECTNESS,
        submission=TEXT,
        judgement=judgement,
        usage=Usage(requests=1, prompt_tokens=500, completion_tokens=400 + problem % 7),
    )


def simulate(folder: Path, problems: int, samples: int, runs: int) -> list[Path]:
    """Write simulated runs and return their files."""
    rng = np.random.default_rng(0)
    alphas = np.round(np.linspace(-0.25, 1.5, runs) * 4) / 4 if runs < 9 else np.arange(runs) / 8 - 0.125
    rates = chances(alphas, problems, rng)
    paths = []
    for alpha, row in zip(alphas.tolist(), rates, strict=True):
        drawn = np.array([rng.choice(len(OUTCOMES), samples, p=shares / shares.sum()) for shares in row])
        run = folder / f"alpha{alpha:+g}"
        run.mkdir(parents=True)
        paths.append(run / "records.jsonl")
        write_run(paths[-1], alpha, drawn)
    return paths


@contextmanager
def workplace(keep: Path | None) -> Iterator[Path]:
    """Give a folder that is removed afterwards, unless it is to be kept."""
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
        yield keep
        return
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


def measure(paths: list[Path], out: Path, k: int) -> dict[str, float]:
    """Compare and report, and return the times in seconds and the size of the page in MiB."""
    begun, cpu = time.perf_counter(), time.process_time()
    collected = collect((str(path), read_played(path)) for path in paths)
    read_s = time.perf_counter() - begun
    found = compare(collected, ks=(1, k))
    total_s, cpu_s = time.perf_counter() - begun, time.process_time() - cpu
    print(f"compare: read {read_s:.1f} s, compared {total_s - read_s:.1f} s; {len(found.pairs)} pairs")
    begun, cpu = time.perf_counter(), time.process_time()
    sources = [read_source(path) for path in paths]
    source_s = time.perf_counter() - begun
    findings = find(sources)
    found_s = time.perf_counter() - begun
    page = write_report(out, findings).html
    report_s, report_cpu_s = time.perf_counter() - begun, time.process_time() - cpu
    page_mib = page.stat().st_size / 2**20
    print(
        f"report: read {source_s:.1f} s, computed {found_s - source_s:.1f} s, "
        f"written {report_s - found_s:.1f} s; the page has {page_mib:.2f} MiB"
    )
    return {
        "read_s": round(read_s, 2),
        "total_s": round(total_s, 2),
        "cpu_s": round(cpu_s, 2),
        "report_read_s": round(source_s, 2),
        "report_s": round(report_s, 2),
        "report_cpu_s": round(report_cpu_s, 2),
        "page_mib": round(page_mib, 2),
    }


def main() -> int:
    """Run the measurement, print the results, and return the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="24 problems, 4 samples, 4 runs")
    parser.add_argument("--problems", type=int, default=500)
    parser.add_argument("--samples", type=int, default=32)
    parser.add_argument("--runs", type=int, default=12)
    parser.add_argument("--keep", type=Path, help="folder for the records and the report, which are kept")
    arguments = parser.parse_args()
    sizes = (arguments.problems, arguments.samples, arguments.runs)
    problems, samples, runs = (24, 4, 4) if arguments.quick else sizes
    with workplace(arguments.keep) as folder:
        paths = simulate(folder, problems, samples, runs)
        size_mib = sum(path.stat().st_size for path in paths) / 2**20
        print(f"{problems} problems x {samples} samples x {runs} runs: {size_mib:.0f} MiB of records")
        measured = measure(paths, folder / "report", min(8, samples))
    figures = {"problems": problems, "samples": samples, "runs": runs, "size_mib": round(size_mib)}
    print(json.dumps({**figures, **measured}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
