"""One side of the measurement in a process of its own: for each line read, do the work and print its figures.

The parent measures several sides in turns, so that a change of the load of the machine affects all of them.
The side of TRL runs in the interpreter of another environment, on the same rows and weights.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator

import torch

from codefrontier.benchmarks.perf.training_parts.workload import (
    BETAS,
    LR,
    PART_ROWS,
    Meter,
    Workload,
    make_model,
    make_rows,
    make_tokenizer,
    with_sampler_log_probs,
)


def main() -> None:
    """Run one side."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("side", choices=["update", "trl"])
    parser.add_argument("--lengths", choices=["equal", "ragged"], required=True)
    parser.add_argument("--groups", type=int, required=True)
    parser.add_argument("--prompt", type=int, required=True)
    parser.add_argument("--packing", choices=["off", "rows", "prefixes"], default="off")
    parser.add_argument("--rounds", type=int, required=True)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    workload = Workload(lengths=arguments.lengths, groups=arguments.groups, prompt=arguments.prompt)
    if arguments.side == "update":
        run_update(workload, arguments.packing)
    else:
        from codefrontier.benchmarks.perf.training_parts.trl_update import run_trl  # only where TRL is

        run_trl(workload, arguments.rounds, turns())


def turns() -> Iterator[None]:
    """Yield once for each line that the parent sends, after having said that this side is ready."""
    say({"ready": True})
    for _ in sys.stdin:
        yield


def say(found: dict[str, object]) -> None:
    """Print one line for the parent."""
    print(json.dumps(found), flush=True)


def run_update(workload: Workload, packing: str) -> None:
    """Take one update of this package per turn."""
    from codefrontier.training.updating.update import UpdateSettings, update

    tokenizer = make_tokenizer()
    model = make_model(tokenizer)
    rows = with_sampler_log_probs(make_rows(workload, len(tokenizer)), model)
    optimizer = torch.optim.AdamW(model.parameters(), lr=LR, betas=BETAS, weight_decay=0.0)
    settings = UpdateSettings(part_rows=PART_ROWS, packing=packing)  # type: ignore[arg-type]  # checked choice
    for _ in turns():
        meter = Meter()
        metrics = update(model, optimizer, rows, settings)
        say({**meter.read(), "grad_norm": metrics.grad_norm, "tokens": metrics.tokens})


if __name__ == "__main__":
    main()
