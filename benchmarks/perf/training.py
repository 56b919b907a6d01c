"""Measure sampling and the update of training beside transformers' `generate` and TRL's GRPOTrainer.

Each side of the update runs in a process of its own with one thread, on the same rows, weights, precision and
optimizer; sampling is measured as in sampler.py, on the prompts and lengths of these rows. The sides take
turns. CPU time is the median over the rounds, peak memory the largest; memory is counted from the state
before the step. Every ratio is the figure of the other library over that of this package, so more than 1 is
better for this package; `packing_*` and `prefixes_*` are the plain update over the packed one. The last line
is JSON. TRL needs an environment of its own (`VENV=.venv-trl EXTRAS=train,trl tools/venv.sh`);
without `--trl` its ratios are null. On a GPU a model of 0.5 B parameters is measured as well.

    python benchmarks/perf/training.py [--quick] [--trl .venv-trl/bin/python]
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, get_args

import torch

from codefrontier.benchmarks.perf.training_parts.accelerator import LARGE, measure_scale
from codefrontier.benchmarks.perf.training_parts.sampling import measure_sampling
from codefrontier.benchmarks.perf.training_parts.workload import Lengths, Workload

_WORKER = "codefrontier.benchmarks.perf.training_parts.worker"
_SHORT, _LONG = 24, 256
"""Tokens of the prompts: as in the families, and as a statement of a programming contest."""


@dataclass(frozen=True, kw_only=True)
class Side:
    """A process that takes part in a measurement."""

    name: str
    work: str
    """Kind of work of the worker."""
    packing: str = "off"
    python: str = sys.executable


class Process:
    """A running worker, which works when it is asked to.

    Args:
        side: The work.
        options: Further arguments of the worker.
    """

    def __init__(self, side: Side, options: Sequence[str]) -> None:
        self._process = subprocess.Popen(
            [side.python, "-m", _WORKER, side.work, "--packing", side.packing, *options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={
                **os.environ,
                "OMP_NUM_THREADS": "1",
                "TRL_EXPERIMENTAL_SILENCE": "1",
                "HF_HUB_OFFLINE": "1",
            },
        )
        self._read()  # it is ready

    def work(self) -> dict[str, Any]:
        """Have the worker work once, and return its figures."""
        assert self._process.stdin is not None
        self._process.stdin.write("go\n")
        self._process.stdin.flush()
        return self._read()

    def close(self) -> None:
        """End the worker."""
        self._process.kill()
        self._process.communicate()

    def _read(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.startswith("{"):  # libraries print lines of their own
                return dict(json.loads(line))
        raise SystemExit(f"a worker has ended with status {self._process.wait()}; its error is above")


def main() -> int:
    """Run the measurement, print the results, and return the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="fewer rows and rounds: a few minutes")
    parser.add_argument("--trl", type=Path, metavar="PYTHON", help="an interpreter with trl 1.16")
    arguments = parser.parse_args()
    groups, rounds = (8, 2) if arguments.quick else (24, 3)
    reasons: dict[str, str] = {}
    if arguments.trl is None:
        reasons["trl"] = "--trl names no interpreter with trl"
    reasons["trl_sampler"] = "without vLLM TRL 1.16 samples by `generate` of transformers, which is measured"
    ratios: dict[str, float | None] = {}
    figures: dict[str, Any] = {}
    sampling: dict[str, Any] = {}
    for lengths in get_args(Lengths):
        sampled = measure_sampling(Workload(lengths=lengths, groups=groups, prompt=_SHORT), rounds=rounds)
        sampling[lengths] = asdict(sampled)
        ratios[f"sampler_{lengths}_ratio"] = sampled.ratio
    for prompt, name in ((_SHORT, ""), (_LONG, "long_")):
        for lengths in get_args(Lengths):
            found = figures[f"update, {name}{lengths}"] = measure(
                _updates(arguments.trl), lengths, (groups, prompt), rounds
            )
            ratios |= _update_ratios(found, f"{name}{{}}_{lengths}_ratio")
    ratios["peak_memory_ratio"] = ratios["peak_memory_ragged_ratio"]
    gpu = measure_scale(LARGE, "cuda") if torch.cuda.is_available() else None
    if gpu is None:
        reasons["gpu"] = "torch sees no GPU"
    for lengths, each in sampling.items():
        print(f"sampler, {lengths}")
        for name in ("sampler", "generate"):
            print(f"  {name:<10}{each[f'{name}_cpu_s']:8.3f} s CPU")
    _print(figures, ratios, reasons)
    rest = {"figures": figures, "sampling": sampling, "gpu": gpu, "quick": arguments.quick}
    print(json.dumps({**ratios, "reasons": reasons, **rest}))
    return 0


def _updates(trl: Path | None) -> list[Side]:
    ours = [Side(name=packing, work="update", packing=packing) for packing in ("off", "rows", "prefixes")]
    return ours if trl is None else [*ours, Side(name="trl", work="trl", python=str(trl))]


def _update_ratios(found: dict[str, Any], form: str) -> dict[str, float | None]:
    return {
        form.format("update"): _ratio(found, "trl", "off"),
        form.format("update_prefixes"): _ratio(found, "trl", "prefixes"),
        form.format("packing"): _ratio(found, "off", "rows"),
        form.format("prefixes"): _ratio(found, "off", "prefixes"),
        form.format("peak_memory"): _ratio(found, "trl", "off", "above_mib"),
        form.format("prefixes_memory"): _ratio(found, "off", "prefixes", "above_mib"),
    }


def measure(
    sides: Sequence[Side], lengths: str, sizes: tuple[int, int], rounds: int
) -> dict[str, dict[str, float]]:
    """Run the sides in turns, after a round that warms up.

    Args:
        sides: The sides.
        lengths: `equal` or `ragged`.
        sizes: Number of prompts, and tokens of a prompt.
        rounds: Number of rounds that count.

    Returns:
        Per side the median CPU time in seconds, the largest peak memory and its distance from the memory
        before in MiB, and what else the worker said in the warm-up, whose weights are the same on all sides.
    """
    groups, prompt = sizes
    options = ["--lengths", lengths, "--groups", str(groups), "--prompt", str(prompt)]
    with _running(sides, [*options, "--rounds", str(rounds + 1)]) as processes:
        first = [process.work() for process in processes]
        turns = [[process.work() for process in processes] for _ in range(rounds)]
    found = {}
    for place, side in enumerate(sides):
        mine = [turn[place] for turn in turns]
        found[side.name] = {
            **first[place],
            "cpu_s": statistics.median(each["cpu_s"] for each in mine),
            "peak_mib": max(each["peak_mib"] for each in [first[place], *mine]),
            "above_mib": max(each["above_mib"] for each in [first[place], *mine]),
        }
    return found


@contextmanager
def _running(sides: Sequence[Side], options: Sequence[str]) -> Iterator[list[Process]]:
    with ExitStack() as stack:
        processes = []
        for side in sides:
            processes.append(process := Process(side, options))
            stack.callback(process.close)
        yield processes


def _ratio(found: dict[str, Any], other: str, own: str, figure: str = "cpu_s") -> float | None:
    if other not in found or not found[own][figure]:
        return None
    return round(float(found[other][figure] / found[own][figure]), 3)


def _print(figures: dict[str, Any], ratios: dict[str, float | None], reasons: dict[str, str]) -> None:
    for title, found in figures.items():
        print(title)
        for name, each in found.items():
            norm = f", gradient norm {each['grad_norm']:.6f}" if each.get("grad_norm") else ""
            print(
                f"  {name:<10}{each['cpu_s']:8.3f} s CPU, peak {each['peak_mib']:7.1f} MiB, "
                f"{each['above_mib']:6.1f} above the state before{norm}"
            )
    for name, ratio in ratios.items():
        print(f"{name:<34}{'-' if ratio is None else f'{ratio:.2f}'}")
    for name, reason in reasons.items():
        print(f"not measured: {name}: {reason}")


if __name__ == "__main__":
    sys.exit(main())
