"""Policies in the modes with tools, with a freshly made checkpoint that can encode any text."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gymnasium
import pytest

from codefrontier.agents import EpisodeRecord, ModelOptions, TaskInfo, agent_factory, rollout
from codefrontier.agents.records import episode_faults, token_rows
from codefrontier.agents.replay import replay
from codefrontier.judge import Language

if TYPE_CHECKING:  # torch takes seconds: conftest.py runs these imports before the first test
    import torch

    from codefrontier.agents.policy.agent import PolicyFactory, TokenPlan
    from codefrontier.agents.policy.policy import LocalPolicy

    torch.set_num_threads(1)


EnvMaker = Callable[..., gymnasium.Env[str, str]]
FORGETFUL = (
    "{% for message in messages[-2:] %}<|im_start|>{{ message['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>\n{% endif %}"
)
"""Shows the last two messages only."""
OWN_TOOLS = (
    "{% if tools %}TOOLS{% for tool in tools %} {{ tool['function']['name'] }}{% endfor %};{% endif %}"
    "{% for message in messages %}<|im_start|>{% if message['role'] == 'tool' %}RESULT "
    "{% else %}{{ message['role'] }} {% endif %}{{ message['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant {% endif %}"
)
"""Describes tools and shows their results in a form of its own."""
AS_SAVED = "as saved"
OPTIONS = ModelOptions(max_completion_tokens=12, model_seed=5)


@pytest.mark.sandbox
def test_a_transformers_checkpoint_plays_an_agentic_episode(checkpoint: Path, make_env: EnvMaker) -> None:
    factory = agent_factory(f"policy:{checkpoint}", OPTIONS)
    env = make_env("agentic", max_turns=3)
    agent = factory.make()
    episode = rollout(agent, env)
    agent.close()
    assert (episode.stop_reason, episode.reward_valid, len(episode.steps)) == ("max_turns", True, 3)
    assert list(episode_faults(episode)) == []
    assert [message["role"] for message in episode.messages] == ["system", *["user", "assistant"] * 3]
    assert '"run_tests"' in episode.messages[0]["content"]
    (row,) = token_rows(episode)
    policy = LocalPolicy.load(checkpoint)
    assert row.log_probs is not None
    for number, step in enumerate(episode.steps):
        places = [place for place, of in enumerate(row.steps) if of == number and row.loss_mask[place]]
        first, last = places[0], places[-1] + 1
        assert step.action == policy.decode(row.ids[first:last])
        scores = policy.score(row.ids[:first], row.ids[first:last])
        assert row.log_probs[first:last] == pytest.approx(scores, abs=1e-4)
    assert replay(EpisodeRecord.from_json(episode.to_json()), env).reward == episode.reward


@pytest.mark.sandbox
def test_a_reply_that_calls_a_tool_is_played(checkpoint: Path, make_env: EnvMaker) -> None:
    policy = LocalPolicy.load(checkpoint)
    call = '<tool_call>{"name": "submit", "arguments": {"path": "TASK.md"}}</tool_call>'
    factory = PolicyFactory(policy, OPTIONS, plan=TokenPlan(prefix_ids=policy.encode(call)))
    agent = factory.make()
    episode = rollout(agent, make_env("agentic"))
    agent.close()
    assert (episode.stop_reason, episode.failure_class) == ("submitted", "correctness")


def playing(checkpoint: Path, template: str, make_env: EnvMaker, **options: Any) -> tuple[EpisodeRecord, str]:
    """Play an episode of two turns; return its record and the text of its tokens."""
    policy = LocalPolicy.load(checkpoint)
    policy.tokenizer.chat_template = template
    factory = PolicyFactory(policy, ModelOptions(max_completion_tokens=8, model_seed=5, **options))
    agent = factory.make()
    episode = rollout(agent, make_env("tool", max_turns=2))
    agent.close()
    (row,) = token_rows(episode)
    return episode, str(policy.tokenizer.decode(row.ids))


@pytest.mark.sandbox
def test_tools_are_described_and_answered_in_the_form_of_the_template(
    checkpoint: Path, make_env: EnvMaker
) -> None:
    episode, text = playing(checkpoint, OWN_TOOLS, make_env)
    assert [message["role"] for message in episode.messages] == [
        *("system", "user", "assistant", "tool", "assistant")
    ]
    assert text.startswith("TOOLS ")
    assert " submit;<|im_start|>system " in text
    assert "<tool_call>" not in episode.messages[0]["content"], "the form is not described twice"
    assert "<|im_end|>\n<|im_start|>RESULT " in text
    assert list(episode_faults(episode)) == []


@pytest.mark.sandbox
def test_the_form_of_the_template_can_be_left_out(checkpoint: Path, make_env: EnvMaker) -> None:
    episode, text = playing(checkpoint, OWN_TOOLS, make_env, native_tools=False)
    assert [message["role"] for message in episode.messages] == ["system", *["user", "assistant"] * 2]
    assert not text.startswith("TOOLS")
    assert "<tool_call>" in episode.messages[0]["content"]
    other, _ = playing(checkpoint, OWN_TOOLS, make_env)
    assert episode.agent.digest != other.agent.digest


def conversation(checkpoint: Path, template: str | None, *observations: str) -> tuple[LocalPolicy, list[Any]]:
    policy = LocalPolicy.load(checkpoint)
    if template != AS_SAVED:
        policy.tokenizer.chat_template = template
    agent = PolicyFactory(policy, OPTIONS).make()
    agent.start(TaskInfo(observation="", mode="tool", language=Language.PYTHON))
    return policy, [agent.act(observation) for observation in observations]


def test_the_tokens_of_a_conversation_are_those_of_its_template(checkpoint: Path) -> None:
    policy, actions = conversation(checkpoint, AS_SAVED, "One?", "Two?")
    text = policy.tokenizer.decode([token for action in actions for token in action.tokens.ids])
    first, second = (action.action for action in actions)
    assert text.startswith("<|im_start|>system\n")
    assert (
        f"One?<|im_end|>\n<|im_start|>assistant\n{first}<|im_end|>\n<|im_start|>user\nTwo?<|im_end|>\n"
        in text
    )
    assert text.removesuffix("<|im_end|>").endswith(f"<|im_start|>assistant\n{second}")
    assert [action.tokens.starts_row for action in actions] == [False, False]


def test_a_template_that_rewrites_the_history_starts_a_new_row(checkpoint: Path) -> None:
    policy, actions = conversation(checkpoint, FORGETFUL, "One?", "Two?")
    assert [action.tokens.starts_row for action in actions] == [False, True]
    text = policy.tokenizer.decode(actions[1].tokens.ids)
    assert text.startswith(f"<|im_start|>{actions[0].action}<|im_end|>\n<|im_start|>Two?<|im_end|>\n")


def test_without_a_template_observations_follow_replies(checkpoint: Path) -> None:
    policy, actions = conversation(checkpoint, None, "One?", "Two?")
    text = policy.tokenizer.decode([token for action in actions for token in action.tokens.ids])
    first, second = (action.action for action in actions)
    assert text.replace("<|im_end|>", "") == f"<|im_start|>One?{first}Two?{second}"


def test_each_reply_has_a_seed_of_its_own(checkpoint: Path) -> None:
    _, actions = conversation(checkpoint, FORGETFUL, *["Same?"] * 4)
    assert len({action.action for action in actions[1:]}) > 1
    _, again = conversation(checkpoint, FORGETFUL, *["Same?"] * 4)
    assert [action.action for action in again] == [action.action for action in actions]
