"""A judge model over HTTP: retries, budget, and what it has cost."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from codefrontier.agents import ModelError, ModelOptions
from codefrontier.agents.engine import EpisodeLimits
from codefrontier.agents.llm.judge_model import BudgetError, JudgeModel, JudgeModelOptions

Replies = dict[str, Callable[..., dict[str, Any]]]
PRICE = (2.0, 10.0)
COST = (11 * 2 + 7 * 10) / 1e6
"""Cost of a request of 11 tokens read and 7 written."""


def judge_model(chat_server: Any, *, limits: EpisodeLimits | None = None, **options: Any) -> JudgeModel:
    model = ModelOptions(api_base=chat_server.api_base, price_usd=PRICE, temperature=0.0, **options)
    settings = JudgeModelOptions(model=model, limits=limits or EpisodeLimits(), requests=2)
    return JudgeModel("openai/test-model", settings, sleep=lambda _: None)


def test_prompts_are_answered_at_the_same_time_and_counted(chat_server: Any, replies: Replies) -> None:
    model = judge_model(chat_server)
    chat_server.script = [replies["text"]("Score: 4")] * 3

    async def ask() -> list[str]:
        return await asyncio.gather(*(model(f"prompt {number}") for number in range(3)))

    assert asyncio.run(ask()) == ["Score: 4"] * 3
    asked = sorted(request["messages"][0]["content"] for request in chat_server.requests)
    assert asked == ["prompt 0", "prompt 1", "prompt 2"]
    assert model.usage.requests == 3
    assert model.usage.cost_usd == pytest.approx(3 * COST)
    model.close()


def test_a_failed_request_is_repeated_and_paid_for(chat_server: Any, replies: Replies) -> None:
    model = judge_model(chat_server)
    chat_server.script = [replies["fault"](kind="drop"), replies["text"]("Score: 2")]
    assert asyncio.run(model("?")) == "Score: 2"
    assert (model.usage.requests, model.usage.failures) == (2, {"connection": 1})
    chat_server.script = []
    with pytest.raises(ModelError, match="refused the request"):
        asyncio.run(model("?"))
    assert model.usage.requests == 3
    model.close()


def test_the_budget_holds_over_a_restart(chat_server: Any, replies: Replies) -> None:
    limits = EpisodeLimits(max_cost_usd=1.5 * COST)
    model = judge_model(chat_server, limits=limits)
    chat_server.script = [replies["text"]("Score: 1")] * 9
    asyncio.run(model("?"))
    resumed = judge_model(chat_server, limits=limits)
    resumed.load_state_dict(model.state_dict())
    asyncio.run(resumed("?"))
    with pytest.raises(BudgetError, match=r"over its cost_limit: 36 tokens for 0\.0002 US dollars"):
        asyncio.run(resumed("?"))
    assert len(chat_server.requests) == 2
    for each in (model, resumed):
        each.close()


def test_limits_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="limits on tokens and cost only"):
        JudgeModelOptions(limits=EpisodeLimits(max_agent_turns=1))
    with pytest.raises(ValueError, match="requests must be at least 1"):
        JudgeModelOptions(requests=0)
