"""Measure the sampler against `generate` of transformers on replies of ragged lengths, interleaved.

Models have the shape of Llama and random weights; requests are groups of 8 on 24 prompts (8 with --quick).
The length of each reply is drawn beforehand, with a long tail, and ends it in both. `generate` gets the
requests in batches of `SLOTS` and all at once, and the faster way counts. It returns tokens only; the sampler
also returns the log-prob of each token. Times are CPU seconds of one thread; a figure is the median of the
rounds. The last line is JSON; `sampler_ragged_ratio` is the smallest ratio of the models.

    python benchmarks/perf/sampler.py [--quick] [--rounds N] [--model FOLDER [--prompts N]]
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import torch
from rich.console import Console
from rich.table import Table
from transformers import StoppingCriteria

from codefrontier.agents.policy.checkpoint import load_checkpoint
from codefrontier.agents.policy.policy import LocalPolicy, SampleRequest
from codefrontier.training.pretraining.model import tiny_model
from codefrontier.training.pretraining.tokenizer import build_tokenizer

CONTEXT = 512
SLOTS = 64
GROUP = 8
PROMPT = 40
"""Mean number of tokens of a prompt."""
MEAN, LONGEST = 48, 192
"""Mean and largest number of tokens of a reply."""
SIZES = {"0.4M": (96, 3, 4), "5M": (256, 6, 8)}
"""Width, layers and heads of the models."""


@dataclass(frozen=True, kw_only=True)
class SamplerFigures:
    """Medians for one model."""

    parameters: int
    tokens: int
    """Number of tokens of all replies."""
    sampler_cpu_s: float
    generate_cpu_s: float
    """CPU seconds of the faster way to call `generate`."""
    sampler_tokens_per_s: float
    """Sampled tokens per CPU second."""
    ratio: float
    """CPU time of `generate` divided by that of the sampler: the median of the ratios of the rounds."""


class _Lengths(StoppingCriteria):
    """Ends each row at its own length."""

    def __init__(self, lengths: Sequence[int], prompt: int) -> None:
        self._lengths = torch.tensor(lengths) + prompt

    def __call__(self, input_ids: Any, scores: Any, **keywords: Any) -> Any:
        return self._lengths <= input_ids.shape[1]


def make_model(size: str) -> tuple[Any, Any]:
    """Return a model of `SIZES`, whose predictions are about as sure as those of a trained model, and its
    tokenizer."""
    width, layers, heads = SIZES[size]
    tokenizer = build_tokenizer(tuple(f"w{number}" for number in range(250)), context=CONTEXT)
    model = tiny_model(tokenizer, d=width, layers=layers, heads=heads, context=CONTEXT)
    with torch.no_grad():
        model.lm_head.weight[tokenizer.eos_token_id] = 0
        model.lm_head.weight *= 20
    return model, tokenizer


def measure_sampler(
    model: Any, tokenizer: Any, requests: Sequence[SampleRequest], *, rounds: int = 5
) -> SamplerFigures:
    """Measure one model; sets the number of threads of torch to 1.

    Args:
        model: Causal language model of transformers. No token ends a reply: each is as long as its request
            allows.
        tokenizer: Tokenizer of the model.
        requests: The requests.
        rounds: Number of times that both are measured, in turn.
    """
    torch.set_num_threads(1)
    policy = LocalPolicy(model, tokenizer, batch_size=SLOTS)
    policy._stop_ids = frozenset()
    model.generation_config.eos_token_id = None

    def sample() -> None:
        replies = policy.sample(requests)
        assert [len(reply.token_ids) for reply in replies] == [each.max_new_tokens for each in requests]

    ways = [
        sample,
        lambda: _generate(model, requests, SLOTS),
        lambda: _generate(model, requests, len(requests)),
    ]
    times = [[_cpu_s(way) for way in ways] for _ in range(rounds + 1)][1:]  # the first round warms up
    ours, in_batches, at_once = (statistics.median(column) for column in zip(*times, strict=True))
    tokens = sum(each.max_new_tokens for each in requests)
    return SamplerFigures(
        parameters=sum(weight.numel() for weight in model.parameters()),
        tokens=tokens,
        sampler_cpu_s=round(ours, 3),
        generate_cpu_s=round(min(in_batches, at_once), 3),
        sampler_tokens_per_s=round(tokens / ours),
        ratio=round(statistics.median(min(others) / own for own, *others in times), 2),
    )


def ragged_requests(prompts: int) -> list[SampleRequest]:
    """Return a group of requests on each of some prompts, with lengths that have a long tail."""
    generator = random.Random(0)
    texts = [
        (1, *generator.choices(range(10, 200), k=generator.randint(PROMPT // 2, PROMPT * 3 // 2)))
        for _ in range(prompts)
    ]
    return [
        SampleRequest(
            prompt_ids=text,
            max_new_tokens=min(LONGEST, 1 + int(generator.expovariate(1 / MEAN))),
            seed=seed,
        )
        for text in texts
        for seed in range(GROUP)
    ]


def _generate(model: Any, requests: Sequence[SampleRequest], batch_size: int) -> None:
    for start in range(0, len(requests), batch_size):
        batch = requests[start : start + batch_size]
        generate_batch(model, batch, [each.max_new_tokens for each in batch])


def generate_batch(model: Any, requests: Sequence[SampleRequest], lengths: Sequence[int]) -> None:
    """Sample with `generate` of transformers, all requests in one batch.

    Args:
        model: Causal language model without a token that ends a reply.
        requests: The requests.
        lengths: Number of tokens of each reply.
    """
    width = max(len(each.prompt_ids) for each in requests)
    padding = [width - len(each.prompt_ids) for each in requests]
    ids = [[0] * pad + list(each.prompt_ids) for pad, each in zip(padding, requests, strict=True)]
    model.generate(
        torch.tensor(ids),
        attention_mask=torch.tensor([[0] * pad + [1] * (width - pad) for pad in padding]),
        do_sample=True,
        top_k=0,
        max_new_tokens=max(lengths),
        pad_token_id=0,
        stopping_criteria=[_Lengths(lengths, width)],
    )


def _cpu_s(work: Callable[[], None]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


def main() -> None:
    """Measure all models and print a table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="fewer prompts and rounds")
    parser.add_argument("--rounds", type=int, default=None, help="rounds: 5, or 3 with --quick")
    parser.add_argument("--prompts", type=int, default=None, help="groups of 8: 24, or 8 with --quick")
    parser.add_argument(
        "--model", type=Path, metavar="FOLDER", help="a checkpoint, in place of random models"
    )
    options = parser.parse_args()
    rounds = options.rounds or (3 if options.quick else 5)
    prompts = options.prompts or (8 if options.quick else 24)
    table = Table("model", "parameters", "tokens", "sampler CPU s", "generate CPU s", "tokens/s", "ratio")
    requests = ragged_requests(prompts)
    models: dict[str, Callable[[], tuple[Any, Any]]] = {size: partial(make_model, size) for size in SIZES}
    if options.model:
        models = {options.model.name: partial(load_checkpoint, options.model)}
    figures = {name: measure_sampler(*make(), requests, rounds=rounds) for name, make in models.items()}
    for size, each in figures.items():
        table.add_row(size, *map(str, asdict(each).values()))
    Console().print(table)
    summary = {
        "sampler_ragged_ratio": min(each.ratio for each in figures.values()),
        "models": {size: asdict(each) for size, each in figures.items()},
    }
    print(json.dumps(summary))


if __name__ == "__main__":
    main()
