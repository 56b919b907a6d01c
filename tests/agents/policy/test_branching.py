"""Episodes that continue from a state of another episode."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gymnasium
import pytest

from codefrontier.agents import AgentError, EpisodeRecord, ModelOptions, make_agent
from codefrontier.agents.engine import (
    EpisodeBranch,
    EpisodePlay,
    EpisodeSpec,
    LocalEnvironmentHost,
)
from codefrontier.agents.records import episode_faults, token_rows

if TYPE_CHECKING:  # torch takes seconds: conftest.py runs these imports before the first test
    from codefrontier.agents.policy.agent import PolicyFactory, TokenPlan
    from codefrontier.agents.policy.policy import LocalPolicy
    from codefrontier.training.rows import row_of

EnvMaker = Callable[..., gymnasium.Env[str, str]]
OPTIONS = ModelOptions(max_completion_tokens=12, model_seed=5, temperature=1.0, top_p=1.0)


def play(env: Any, agent: Any, **spec: Any) -> EpisodeRecord:
    episode = EpisodePlay(
        agent,
        LocalEnvironmentHost(lambda _: env),
        EpisodeSpec(env_id=env.spec.id, problem=env.unwrapped.problems[0].id, **spec),
    )
    episode.begin()
    while not episode.over:
        episode.act()
        if not episode.over:
            episode.step()
    agent.close()
    return episode.record()


def told(episode: EpisodeRecord) -> list[tuple[str, str | None, Any]]:
    return [(step.action, step.observation, step.tokens) for step in episode.steps]


@pytest.mark.sandbox
@pytest.mark.parametrize("mode", ["tool", "agentic"])
def test_an_episode_that_continues_with_the_same_seed_is_the_same_episode(
    checkpoint: Path, make_env: EnvMaker, mode: str
) -> None:
    factory = PolicyFactory(LocalPolicy.load(checkpoint), OPTIONS)
    branches: list[EpisodeBranch] = []
    whole = play(make_env(mode, max_turns=3), factory.make(), on_branch=branches.append)
    assert [len(branch.steps) for branch in branches] == [0, 1, 2]
    assert whole.continued_steps == 0
    for branch in branches:
        kept = pickle.loads(pickle.dumps(branch))
        again = play(make_env(mode, max_turns=3), factory.make(), branch=kept)
        assert told(again) == told(whole)
        assert (again.messages, again.observation) == (whole.messages, whole.observation)
        assert (again.reward, again.stop_reason) == (whole.reward, whole.stop_reason)
        assert again.continued_steps == len(branch.steps)
        assert list(episode_faults(again)) == []


@pytest.mark.sandbox
def test_the_steps_of_another_episode_are_context_and_a_prefix_begins_the_first_own_reply(
    checkpoint: Path, make_env: EnvMaker
) -> None:
    policy = LocalPolicy.load(checkpoint)
    branches: list[EpisodeBranch] = []
    whole = play(
        make_env("tool", max_turns=3), PolicyFactory(policy, OPTIONS).make(), on_branch=branches.append
    )
    plan = TokenPlan(prefix_ids=policy.encode("Now: "), entropy=True, policy_version=7)
    factory = PolicyFactory(policy, OPTIONS, plan=plan)
    other = play(make_env("tool", max_turns=3), factory.make(), branch=branches[1], sample=9)
    assert told(other)[:1] == told(whole)[:1]
    assert other.steps[1].action.startswith("Now: ")
    assert not other.steps[2].action.startswith("Now: ")
    row, (tokens,) = row_of(other, group_id="", policy_version=7), token_rows(other)
    assert row.token_ids.tolist() == list(tokens.ids)
    context = len(other.steps[0].tokens.ids) if other.steps[0].tokens else 0
    assert not row.loss_mask[:context].any()
    assert row.loss_mask.sum() == sum(sum(s.tokens.loss_mask) for s in other.steps[1:] if s.tokens)
    assert not row.sampler_log_probs[~row.loss_mask].any()
    assert row.entropies is not None
    assert (row.entropies[row.loss_mask] > 0).all()
    assert not row.entropies[~row.loss_mask].any()
    assert row.policy_versions is not None
    assert set(row.policy_versions[row.loss_mask].tolist()) == {7}
    assert set(row.policy_versions[~row.loss_mask].tolist()) == {-1}
    assert row.components == other.components
    assert row.components is not None
    assert row.components["format"] == -0.1


@pytest.mark.sandbox
def test_an_agent_that_cannot_continue_says_so(make_env: EnvMaker) -> None:
    branches: list[EpisodeBranch] = []
    env = make_env("tool")
    play(env, make_agent("reference"), on_branch=branches.append)
    with pytest.raises(AgentError, match="reference cannot continue an episode"):
        play(env, make_agent("reference"), branch=branches[0])
