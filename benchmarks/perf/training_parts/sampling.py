"""Sampling the replies of a workload: by the sampler of this package, and by `generate` of transformers."""

from __future__ import annotations

from codefrontier.agents.policy.sampler import SampleRequest
from codefrontier.benchmarks.perf.sampler import SamplerFigures, measure_sampler
from codefrontier.benchmarks.perf.training_parts.workload import (
    Workload,
    make_model,
    make_rows,
    make_tokenizer,
    reply_lengths,
)


def measure_sampling(workload: Workload, *, rounds: int) -> SamplerFigures:
    """Measure the sampling of the replies of a step, whose lengths are given, in turns with `generate`.

    Args:
        workload: The prompts, and the lengths of the replies.
        rounds: Number of rounds that count.
    """
    tokenizer = make_tokenizer()
    rows = make_rows(workload, len(tokenizer))
    requests = [
        SampleRequest(
            prompt_ids=tuple(row.token_ids[: workload.prompt].tolist()), max_new_tokens=length, seed=number
        )
        for number, (row, length) in enumerate(zip(rows, reply_lengths(workload), strict=True))
    ]
    return measure_sampler(make_model(tokenizer).eval(), tokenizer, requests, rounds=rounds)
