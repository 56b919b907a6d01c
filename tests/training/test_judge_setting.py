"""A reinforcement run uses the judge in its settings."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from codefrontier.judge import Judge, JudgeError
from codefrontier.judge.open_judge import TOKEN_VARIABLE
from codefrontier.judge.service.judging_service import ServiceOptions
from codefrontier.training.sampling.problem_stream import ProblemStream
from codefrontier.training.settings import RLSettings

if TYPE_CHECKING:  # torch takes seconds: conftest.py runs these imports before the first test
    from codefrontier.training.trainer import train


TOKEN = "a-token-for-the-tests-only"


@pytest.mark.sandbox
@pytest.mark.long
def test_a_service_judges_what_is_trained_on(
    settings: Callable[..., RLSettings],
    stream_of: Callable[..., ProblemStream],
    judge: Judge,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server = pytest.importorskip("codefrontier.judge.service.server", exc_type=ImportError)
    monkeypatch.setenv(TOKEN_VARIABLE, TOKEN)
    with server.serving(judge, ServiceOptions(token=TOKEN)) as (url, judging):
        train(settings(judge=url, steps=1), problems=stream_of())
        verdicts = dict(re.findall(r'judgements_total\{[^}]*"(\w+)"\} (\d+)', judging.text()))
    assert int(verdicts["AC"]) > 0
    assert sum(map(int, verdicts.values())) > int(verdicts["AC"])


def test_a_judge_that_is_not_there_ends_the_run_before_anything_is_sampled(
    settings: Callable[..., RLSettings],
    stream_of: Callable[..., ProblemStream],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(TOKEN_VARIABLE, TOKEN)
    wanted = settings(judge="http://127.0.0.1:9", steps=1)
    seen: list[object] = []
    with pytest.raises(JudgeError, match=r"http://127\.0\.0\.1:9"):
        train(wanted, problems=stream_of(), on_step=seen.append)
    assert seen == []


def test_a_judge_of_another_place_and_actors_that_judge_exclude_each_other(
    settings: Callable[..., RLSettings],
) -> None:
    with pytest.raises(ValueError, match=r"judge must be 'embedded' with the engine 'ray'.*'ray://local'"):
        settings(engine="ray", judge="ray://local")
    with pytest.raises(ValueError, match="engine must be one of local, ray, got 'rey'"):
        settings(engine="rey")


def test_an_address_that_is_not_of_ray_ends_the_run_before_anything_is_sampled(
    settings: Callable[..., RLSettings], stream_of: Callable[..., ProblemStream]
) -> None:
    seen: list[object] = []
    with pytest.raises(ValueError, match=r"address must be 'ray://local'.*'http://127\.0\.0\.1:9'"):
        train(
            settings(engine="ray", ray_address="http://127.0.0.1:9", steps=1),
            problems=stream_of(),
            on_step=seen.append,
        )
    assert seen == []
