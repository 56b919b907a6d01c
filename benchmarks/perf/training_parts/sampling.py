"""Sampling replies of given lengths: by the sampler of this package, and by `generate` of transformers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from transformers import StoppingCriteria, StoppingCriteriaList

from codefrontier.agents.policy.running import RunningBatch, sample_all
from codefrontier.agents.policy.sampler import SampleRequest
from codefrontier.benchmarks.perf.training_parts.workload import (
    Meter,
    Workload,
    make_model,
    make_rows,
    make_tokenizer,
    reply_lengths,
)

from .worker import say


class _Lengths(StoppingCriteria):
    """Ends each row of a batch at a length of its own."""

    def __init__(self, prompt: int, lengths: list[int]) -> None:
        self._prompt = prompt
        self._lengths = torch.tensor(lengths)

    def __call__(self, input_ids: Any, scores: Any, **keywords: Any) -> Any:
        return input_ids.shape[1] - self._prompt >= self._lengths


def run_sampling(workload: Workload, side: str, turns: Iterator[None]) -> None:
    """Sample all replies of a step once per turn; both sides sample the same number of tokens."""
    tokenizer = make_tokenizer()
    model = make_model(tokenizer).eval()
    rows = make_rows(workload, len(tokenizer))
    lengths = reply_lengths(workload)
    prompts = [row.token_ids[: workload.prompt] for row in rows]
    requests = [
        SampleRequest(prompt_ids=tuple(prompt.tolist()), max_new_tokens=length, seed=number)
        for number, (prompt, length) in enumerate(zip(prompts, lengths, strict=True))
    ]
    stacked = torch.stack(prompts)
    for _ in turns:
        meter = Meter()
        if side == "sampler":
            batch = RunningBatch(
                model, slots=len(requests), stop_ids=frozenset(), ends=lambda request, tokens: False
            )
            sampled = sample_all(batch, requests)
            tokens = sum(len(each.token_ids) for each in sampled)
        else:
            _generate(model, stacked, lengths, tokenizer.pad_token_id)
            tokens = sum(lengths)
        say({**meter.read(), "tokens": tokens})


def _generate(model: Any, prompts: torch.Tensor, lengths: list[int], pad: int) -> None:
    with torch.inference_mode():
        model.generate(
            prompts,
            attention_mask=torch.ones_like(prompts),
            do_sample=True,
            top_k=0,
            max_new_tokens=max(lengths),
            eos_token_id=None,
            pad_token_id=pad,
            stopping_criteria=StoppingCriteriaList([_Lengths(prompts.shape[1], lengths)]),
        )
