"""Measure how long a comparison of simulated records takes: reading, tables and paired tests.

Writes records through the writer of runs, then reads and compares them as `codefrontier compare` does. The
last line is JSON.

    python benchmarks/perf/compare.py [--quick] [--problems N] [--samples N] [--runs N]
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from codefrontier.agents import (
    AgentIdentity,
    EpisodeRecord,
    EpisodeWriter,
    JudgementRecord,
    JudgeRecord,
    RunRecord,
    StepRecord,
)
from codefrontier.benchmarks.comparing import collect, compare, read_played
from codefrontier.judge import FailureClass, Verdict

TESTS = 20
TEXT = "x" * 1500
"""Statement, reply and program of each record."""


def write_run(path: Path, agent: str, solved: np.ndarray[tuple[int, int], np.dtype[np.bool_]]) -> None:
    """Write a record for each sample: bool [P, K]."""
    with EpisodeWriter(path) as writer:
        for problem, row in enumerate(solved):
            for sample, accepted in enumerate(row.tolist()):
                writer.write(_record(agent, problem, sample, accepted=accepted))


def _record(agent: str, problem: int, sample: int, *, accepted: bool) -> EpisodeRecord:
    last = Verdict.ACCEPTED if accepted else Verdict.WRONG_ANSWER
    verdicts = [*[Verdict.ACCEPTED] * (TESTS - 1), last]
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
    return EpisodeRecord(
        package_version="1",
        problem_id=f"p{problem}",
        problem_digest=f"{problem:064x}",
        difficulty="hard",
        env_id="Simulated-single",
        env_version=1,
        env_kwargs={"problem_set": "simulated", "coverage": 1.0},
        mode="single",
        language="python",
        seed=sample,
        sample=sample,
        agent=AgentIdentity(name=agent, kind="litellm"),
        observation=TEXT,
        messages=({"role": "user", "content": TEXT}, {"role": "assistant", "content": TEXT}),
        steps=(StepRecord(action=TEXT, observation="", reward=float(accepted), finish_reason="stop"),),
        stop_reason="submitted",
        reward=float(accepted),
        reward_valid=True,
        failure_class=FailureClass.SOLVED if accepted else FailureClass.CORRECTNESS,
        submission=TEXT,
        judgement=judgement,
    )


def main() -> int:
    """Run the measurement, print the results, and return the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="20 problems, 4 samples, 3 runs")
    parser.add_argument("--problems", type=int, default=500)
    parser.add_argument("--samples", type=int, default=32)
    parser.add_argument("--runs", type=int, default=12)
    arguments = parser.parse_args()
    sizes = (arguments.problems, arguments.samples, arguments.runs)
    problems, samples, runs = (20, 4, 3) if arguments.quick else sizes
    rng = np.random.default_rng(0)
    rates = rng.beta(0.5, 0.5, problems)
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / f"run{number}.jsonl" for number in range(runs)]
        for number, path in enumerate(paths):
            raised = np.clip(rates + 0.02 * number, 0, 1)[:, None]
            write_run(path, f"run{number}", rng.random((problems, samples)) < raised)
        size_mib = sum(path.stat().st_size for path in paths) / 2**20
        begun, begun_cpu = time.perf_counter(), time.process_time()
        collected = collect((str(path), read_played(path)) for path in paths)
        read_s = time.perf_counter() - begun
        found = compare(collected, ks=(1, min(8, samples)))
        total_s, cpu_s = time.perf_counter() - begun, time.process_time() - begun_cpu
    print(f"{problems} problems x {samples} samples x {runs} runs: {size_mib:.0f} MiB of records")
    print(
        f"read {read_s:.1f} s, compared {total_s - read_s:.1f} s, {len(found.pairs)} pairs; {cpu_s:.1f} s CPU"
    )
    figures = {"problems": problems, "samples": samples, "runs": runs, "size_mib": round(size_mib)}
    print(
        json.dumps(
            {**figures, "read_s": round(read_s, 2), "total_s": round(total_s, 2), "cpu_s": round(cpu_s, 2)}
        )
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
