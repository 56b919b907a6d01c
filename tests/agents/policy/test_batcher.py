from __future__ import annotations

import random
import threading
import time
from collections import deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from codefrontier.agents import ModelError

if TYPE_CHECKING:  # torch takes seconds: conftest.py runs these imports before the first test
    from codefrontier.agents.policy.batcher import Batcher
    from codefrontier.agents.policy.policy import LocalPolicy
    from codefrontier.agents.policy.running import Job, RunningBatch
    from codefrontier.agents.policy.sampler import Sampled, SampleRequest
    from codefrontier.training.pretraining.model import tiny_model
    from codefrontier.training.pretraining.tokenizer import build_tokenizer


def request(seed: int) -> SampleRequest:
    return SampleRequest(prompt_ids=(1,), max_new_tokens=1, seed=seed)


class Echo:
    """Samples the seed as the only token, keeps the batches, and waits for permission if it has to."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.sampling, self.go_on = threading.Event(), threading.Event()
        self.go_on.set()
        self.error: Exception | None = None

    def __call__(self, requests: Sequence[SampleRequest]) -> list[Sampled]:
        self.batches.append([request.seed for request in requests])
        self.sampling.set()
        assert self.go_on.wait(10)
        if self.error is not None:
            raise self.error
        return [
            Sampled(token_ids=(request.seed,), log_probs=(0.0,), finish_reason="stop", exact=True)
            for request in requests
        ]


@pytest.fixture
def echo() -> Echo:
    return Echo()


def ask(batcher: Batcher, seed: int) -> int:
    """Play an agent that asks once."""
    batcher.join()
    try:
        [sampled] = batcher.submit(request(seed))
        return sampled.token_ids[0]
    finally:
        batcher.leave()


def test_all_expected_agents_are_sampled_in_one_ordered_batch(echo: Echo) -> None:
    batcher = Batcher(echo)
    with ThreadPoolExecutor(20) as pool, batcher.expecting(20):
        answers = list(pool.map(lambda seed: ask(batcher, seed), reversed(range(20))))
    assert answers == list(reversed(range(20)))
    assert echo.batches == [list(range(20))]
    assert batcher.batches == 1


def test_those_of_the_first_batch_go_on_while_the_next_one_is_sampled(echo: Echo) -> None:
    first_is_back = threading.Event()
    sample = echo.__call__

    def after_the_first(requests: Sequence[SampleRequest]) -> list[Sampled]:
        assert requests[0].seed < 2 or first_is_back.wait(10)
        return sample(requests)

    batcher = Batcher(after_the_first, batch_size=2)

    def play(seed: int) -> None:
        ask(batcher, seed)
        if seed < 2:
            first_is_back.set()

    with ThreadPoolExecutor(5) as pool, batcher.expecting(5):
        list(pool.map(play, range(5)))
    assert echo.batches == [[0, 1], [2, 3], [4]]


def test_an_agent_that_leaves_without_asking_is_not_waited_for(echo: Echo) -> None:
    batcher = Batcher(echo)

    def leave() -> None:
        batcher.join()
        batcher.leave()

    with ThreadPoolExecutor(3) as pool, batcher.expecting(3):
        asked = [pool.submit(ask, batcher, seed) for seed in range(2)]
        pool.submit(leave)
        assert [future.result(10) for future in asked] == [0, 1]
    assert echo.batches == [[0, 1]]


def test_an_agent_that_never_comes_is_waited_for_only_so_long(echo: Echo) -> None:
    batcher = Batcher(echo)
    with batcher.expecting(2, patience_s=0.01):
        assert ask(batcher, 7) == 7


def test_an_agent_alone_does_not_wait(echo: Echo) -> None:
    assert ask(Batcher(echo, patience_s=60), 7) == 7


def test_without_agents_requests_wait_for_the_patience_only(echo: Echo) -> None:
    batcher = Batcher(echo, patience_s=0.001)
    assert [sampled.token_ids for sampled in batcher.submit(request(4), request(2))] == [(4,), (2,)]
    assert echo.batches == [[2, 4]]


def test_requests_that_come_while_a_batch_is_sampled_make_the_next_one(echo: Echo) -> None:
    batcher = Batcher(echo)
    echo.go_on.clear()
    joined = threading.Barrier(4)

    def late(seed: int) -> int:
        batcher.join()
        joined.wait(10)
        [sampled] = batcher.submit(request(seed))
        batcher.leave()
        return sampled.token_ids[0]

    with ThreadPoolExecutor(4) as pool:
        first = pool.submit(ask, batcher, 0)
        assert echo.sampling.wait(10)
        others = [pool.submit(late, seed) for seed in (1, 2, 3)]
        joined.wait(10)
        echo.go_on.set()
        assert first.result(10) == 0
        assert [future.result(10) for future in others] == [1, 2, 3]
    assert echo.batches[0] == [0]
    assert sorted(seed for batch in echo.batches[1:] for seed in batch) == [1, 2, 3]


@pytest.mark.parametrize("error", [ValueError("bad"), ModelError("worse"), RuntimeError("out of memory")])
def test_a_batch_that_fails_fails_for_all_and_the_next_one_works(echo: Echo, error: Exception) -> None:
    batcher = Batcher(echo)
    echo.error = error
    with ThreadPoolExecutor(2) as pool, batcher.expecting(2):
        failed = [pool.submit(ask, batcher, seed) for seed in range(2)]
        errors = [future.exception(10) for future in failed]
    assert all(isinstance(item, ModelError) and str(error) in str(item) for item in errors)
    echo.error = None
    assert ask(batcher, 5) == 5


@pytest.fixture(scope="module")
def policy() -> LocalPolicy:
    tokenizer = build_tokenizer(tuple("abcdefghij"), context=128)
    return LocalPolicy(tiny_model(tokenizer, d=16, layers=1, heads=2, context=128, seed=1), tokenizer)


def played(policy: LocalPolicy, delays: int) -> list[list[Sampled]]:
    """Play agents of three turns, which return after random times, with four rows for ten agents."""
    batcher, generator = Batcher(policy.running(4)), random.Random(delays)
    waits = [[generator.random() * 0.02 for _ in range(3)] for _ in range(10)]

    def play(agent: int) -> list[Sampled]:
        try:
            row: tuple[int, ...] = (1, 6 + agent)
            replies = []
            for turn in range(3):
                [sampled] = batcher.submit(
                    SampleRequest(prompt_ids=row, max_new_tokens=3 + 2 * agent, seed=agent + turn)
                )
                replies.append(sampled)
                row = (*row, *sampled.token_ids, 7)
                time.sleep(waits[agent][turn])
                if agent == 3 and turn == 1:
                    break
            return replies
        finally:
            batcher.leave()

    with ThreadPoolExecutor(10) as pool, batcher.expecting(10, patience_s=0.001):
        for _ in range(
            10
        ):  # before a thread starts: agents that have registered are waited for without limit
            batcher.join()
        found = list(pool.map(play, range(10)))
    assert batcher.batches == 3
    return found


def test_episodes_of_many_turns_do_not_depend_on_the_timing_of_threads(policy: LocalPolicy) -> None:
    assert played(policy, 1) == played(policy, 2)


class Gated:
    """A batch that tells when it has begun, and then waits for permission."""

    def __init__(self, batch: RunningBatch) -> None:
        self.batch = batch
        self.begun, self.go_on = threading.Event(), threading.Event()

    @property
    def busy(self) -> bool:
        return self.batch.busy

    def advance(self, queue: deque[Job]) -> list[Job]:
        done = self.batch.advance(queue)
        self.begun.set()
        assert self.go_on.wait(10)
        return done

    def reset(self) -> None:
        self.batch.reset()


def test_a_request_joins_the_batch_that_is_being_sampled(policy: LocalPolicy) -> None:
    gated = Gated(policy.running(4))
    batcher = Batcher(gated)
    long = SampleRequest(prompt_ids=(1, 6), max_new_tokens=120, seed=0, stop=("never",))
    short = SampleRequest(prompt_ids=(1, 7), max_new_tokens=1)
    order: list[str] = []

    def ask_for(name: str, wanted: SampleRequest) -> Sampled:
        [sampled] = batcher.submit(wanted)
        order.append(name)
        return sampled

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(ask_for, "long", long)
        assert gated.begun.wait(10)
        second = pool.submit(ask_for, "short", short)
        while len(batcher._arrived) < 1:
            time.sleep(0.001)
        gated.go_on.set()
        results = [first.result(10), second.result(10)]
    alone = [policy.sample([wanted])[0] for wanted in (long, short)]
    assert [item.token_ids for item in results] == [item.token_ids for item in alone]
    assert len(alone[0].token_ids) > 5
    assert order == ["short", "long"]
    assert batcher.batches == 1
