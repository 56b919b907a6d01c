from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:  # torch takes seconds: conftest.py runs these imports before the first test
    from codefrontier.training.sampling import activity as module
    from codefrontier.training.sampling.activity import Activity


class Clock:
    """A clock that the test sets."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    return clock


def test_judging_counts_only_where_nothing_is_sampled(clock: Clock) -> None:
    activity = Activity()
    clock.now = 10.0  # nobody is busy
    with activity.judging():
        clock.now = 11.0
        with activity.sampling():
            clock.now = 14.0
            with activity.judging():
                clock.now = 15.0
        clock.now = 17.0
    clock.now = 30.0
    with activity.sampling():
        clock.now = 30.5
    assert (activity.sample_s, activity.judge_s) == (4.5, 3.0)


def test_two_that_judge_at_once_are_counted_once(clock: Clock) -> None:
    activity = Activity()
    first, second = activity.judging(), activity.judging()
    first.__enter__()
    clock.now = 1.0
    second.__enter__()
    clock.now = 3.0
    first.__exit__(None, None, None)
    clock.now = 4.0
    second.__exit__(None, None, None)
    assert activity.judge_s == 4.0


def test_a_failure_ends_what_it_was_part_of(clock: Clock) -> None:
    activity = Activity()

    def fail() -> None:
        with activity.judging():
            clock.now = 2.0
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    clock.now = 9.0
    with activity.sampling():
        pass
    assert (activity.sample_s, activity.judge_s) == (0.0, 2.0)


def test_threads_do_not_lose_each_other() -> None:
    activity = Activity()

    def judge() -> None:
        for _ in range(200):
            with activity.judging():
                pass

    threads = [threading.Thread(target=judge) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    before = activity.judge_s
    with activity.sampling():
        pass
    assert activity.judge_s == before
