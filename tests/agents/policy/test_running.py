from __future__ import annotations

import random
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:  # torch takes seconds: conftest.py runs these imports before the first test
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM, MistralConfig, MistralForCausalLM

    from codefrontier.agents.policy.policy import LocalPolicy, SampleRequest
    from codefrontier.agents.policy.running import Job, Step
    from codefrontier.agents.policy.sampler import Sampled
    from codefrontier.training.pretraining.tokenizer import build_tokenizer

    torch.set_num_threads(1)

CONTEXT = 96


def peaked(model: Any) -> LocalPolicy:
    """Return a policy with peaked distributions, which ends some replies by itself."""
    torch.manual_seed(3)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.ndim > 1:
                parameter.normal_(0, 0.3)
    tokenizer = build_tokenizer(tuple("abcdefghij"), context=CONTEXT)
    return LocalPolicy(model.eval(), tokenizer)


def config_of(kind: type[Any], **more: Any) -> Any:
    sizes = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4}
    heads = {"num_key_value_heads": 2, "vocab_size": 16, "max_position_embeddings": CONTEXT}
    return kind(**sizes, **heads, eos_token_id=2, bos_token_id=1, pad_token_id=0, **more)


@pytest.fixture(scope="module")
def policy() -> LocalPolicy:
    return peaked(LlamaForCausalLM(config_of(LlamaConfig)))


@pytest.fixture(scope="module")
def requests() -> list[SampleRequest]:
    """Groups on prompts of all lengths, some with a long common beginning, in mixed order."""
    generator = random.Random(1)
    system = (1, *generator.choices(range(6, 16), k=20))
    ends = [tuple(generator.choices(range(6, 16), k=generator.randint(1, 12))) for _ in range(6)]
    prompts = [*(system + end for end in ends[:3]), *((1, *end) for end in ends[3:]), system]
    return [
        SampleRequest(prompt_ids=prompt, max_new_tokens=generator.randint(1, 40), seed=seed, entropy=seed > 1)
        for seed in range(5)
        for prompt in generator.sample(prompts, len(prompts))
    ]


def sampled_in(policy: LocalPolicy, requests: Sequence[SampleRequest], slots: int) -> list[Sampled]:
    return LocalPolicy(policy.model, policy.tokenizer, batch_size=slots).sample(requests)


@contextmanager
def tokens_read(policy: LocalPolicy) -> Iterator[list[tuple[int, int]]]:
    """Collect the shapes of all inputs of the model."""
    shapes: list[tuple[int, int]] = []

    def note(module: Any, arguments: Any, keywords: Any) -> None:
        shapes.append(tuple(keywords["input_ids"].shape))

    handle = policy.model.register_forward_pre_hook(note, with_kwargs=True)
    yield shapes
    handle.remove()


@pytest.mark.parametrize("slots", [1, 2, 7, 16, 100])
def test_requests_that_join_a_batch_get_what_they_get_alone(
    policy: LocalPolicy, requests: list[SampleRequest], slots: int
) -> None:
    together = sampled_in(policy, requests, slots)
    assert together == sampled_in(policy, requests, slots)
    for request, sampled in zip(requests, together, strict=True):
        [alone] = policy.sample([request])
        assert sampled.token_ids == alone.token_ids
        assert sampled.finish_reason == alone.finish_reason
        scored = policy.score(request.prompt_ids, sampled.token_ids)
        assert sampled.log_probs == pytest.approx(scored, abs=1e-5)
        assert sampled.entropy == (alone.entropy and pytest.approx(alone.entropy, abs=1e-5))


def test_rows_are_filled_while_requests_wait(policy: LocalPolicy, requests: list[SampleRequest]) -> None:
    with tokens_read(policy) as shapes:
        sampled = sampled_in(policy, requests, 8)
    steps = [rows for rows, length in shapes if length == 1]
    # All computed rows are sampled, except up to an eighth of them and the rows at the end of the batch.
    assert sum(steps) < 1.35 * sum(len(item.token_ids) - 1 for item in sampled)


def test_equal_prompts_are_read_once(policy: LocalPolicy) -> None:
    prompt = (1, *range(6, 16), *range(6, 16))
    group = [SampleRequest(prompt_ids=prompt, max_new_tokens=4 + seed, seed=seed) for seed in range(12)]
    with tokens_read(policy) as shapes:
        sampled_in(policy, group, 4)
    assert [shape for shape in shapes if shape[1] > 1] == [(1, len(prompt))]


def test_a_common_beginning_is_read_once(policy: LocalPolicy) -> None:
    system = (1, *range(6, 16), *range(6, 16))
    prompts = [(*system, 6, 7, 8), (*system, 9), (*system, 10, 11)]
    requests = [
        SampleRequest(prompt_ids=prompt, max_new_tokens=8, seed=seed) for prompt in prompts for seed in (0, 1)
    ]
    with tokens_read(policy) as shapes:
        sampled = policy.sample(requests)
    assert [shape for shape in shapes if shape[1] > 1] == [(1, len(system)), (3, 3)]
    for request, item in zip(requests, sampled, strict=True):
        assert item.log_probs == pytest.approx(policy.score(request.prompt_ids, item.token_ids), abs=1e-5)


def test_layers_with_a_window_get_prompts_of_one_length_at_a_time(requests: list[SampleRequest]) -> None:
    windowed = peaked(MistralForCausalLM(config_of(MistralConfig, sliding_window=8)))
    sampled = sampled_in(windowed, requests, 8)
    for request, item in zip(requests, sampled, strict=True):
        scored = windowed.score(request.prompt_ids, item.token_ids)
        assert item.log_probs == pytest.approx(scored, abs=1e-5)
        assert item.token_ids == windowed.sample([request])[0].token_ids


def test_a_model_may_be_trained_between_batches(policy: LocalPolicy, requests: list[SampleRequest]) -> None:
    changing = peaked(LlamaForCausalLM(config_of(LlamaConfig)))
    batch = changing.running(8)
    for factor in (1.0, 0.9):
        with torch.no_grad():
            changing.model.lm_head.weight.mul_(factor)
        jobs = [Job(request=request) for request in requests[:12]]
        queue = deque(jobs)
        while queue or batch.busy:
            batch.advance(queue)
        assert [job.sampled for job in jobs] == sampled_in(changing, requests[:12], 8)


def test_a_request_that_does_not_fit_fails_alone(policy: LocalPolicy, requests: list[SampleRequest]) -> None:
    bad = replace(requests[0], max_new_tokens=CONTEXT)
    jobs = [Job(request=request) for request in (requests[1], bad, requests[2])]
    queue, batch = deque(jobs), policy.running()
    while queue or batch.busy:
        batch.advance(queue)
    assert [job.error is None for job in jobs] == [True, False, True]
    assert f"do not fit the context of {CONTEXT}" in str(jobs[1].error)


@dataclass
class Reader:
    """Follows a request, and leaves after some of its tokens."""

    patience: int
    steps: list[Step] = field(default_factory=list)

    @property
    def wanted(self) -> bool:
        return len(self.steps) < self.patience

    def note(self, step: Step) -> None:
        self.steps.append(step)


def test_requests_are_followed_and_leave_their_rows_when_nobody_wants_them(
    policy: LocalPolicy, requests: list[SampleRequest]
) -> None:
    asked = [replace(request, top=3) for request in requests[:12]]
    expected = policy.sample(asked)
    shortest = min(len(item.token_ids) for item in expected)
    patience = [CONTEXT if place % 3 else place % 2 * shortest for place in range(12)]
    readers = [Reader(patience=tokens) for tokens in patience]
    jobs = [Job(request=request, follower=reader) for request, reader in zip(asked, readers, strict=True)]
    queue, batch = deque(jobs), policy.running(4)
    while queue or batch.busy:
        batch.advance(queue)
    for job, reader, item in zip(jobs, readers, expected, strict=True):
        followed = tuple(step.token_id for step in reader.steps)
        assert followed == item.token_ids[: len(followed)]
        # A request that has just joined gets two tokens before the batch asks again.
        assert min(reader.patience, len(item.token_ids)) <= len(followed) <= reader.patience + 1
        assert item.top is not None
        for step, top in zip(reader.steps, item.top, strict=False):
            assert [token for token, _ in step.top] == [token for token, _ in top]
            values = [log_prob for _, log_prob in step.top]
            assert (len(values), values) == (3, sorted(values, reverse=True))
        if reader.patience == CONTEXT:
            assert job.sampled is not None
            assert job.sampled.token_ids == item.token_ids
        elif len(item.token_ids) > reader.patience + 1:
            assert "cancelled" in str(job.error)
    assert [request.top for request in requests[:12]] == [0] * 12
    assert policy.sample(requests[:12])[0].top is None


def test_a_batch_needs_a_row(policy: LocalPolicy) -> None:
    with pytest.raises(ValueError, match="slots must be at least 1, got 0"):
        policy.running(0)
