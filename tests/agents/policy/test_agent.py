from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gymnasium
import pytest

import codefrontier  # noqa: F401  # registers the environments
from codefrontier.agents import (
    AgentError,
    ContextWindowError,
    EpisodeRecord,
    ModelOptions,
    RolloutTask,
    TaskInfo,
    agent_factory,
    rollout,
    run_rollouts,
)
from codefrontier.judge import Judge, Language
from codefrontier.problems import Problem, Testset

if TYPE_CHECKING:  # torch takes seconds: conftest.py runs these imports before the first test
    import torch

    from codefrontier.agents.policy.agent import PolicyFactory, TokenPlan
    from codefrontier.agents.policy.policy import LocalPolicy
    from codefrontier.training.pretraining.model import tiny_model
    from codefrontier.training.pretraining.tokenizer import build_tokenizer

    torch.set_num_threads(1)


CONTEXT = 32


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    tokenizer = build_tokenizer(("task", " one", " two", "print(", "1", ")", "\n"), context=CONTEXT)
    path = tmp_path_factory.mktemp("checkpoint")
    tiny_model(tokenizer, d=8, layers=1, heads=2, context=CONTEXT, seed=2).save_pretrained(path)
    tokenizer.save_pretrained(path)
    return path


@pytest.fixture(scope="module")
def policy(saved: Path) -> LocalPolicy:
    return LocalPolicy.load(saved)


def task(name: str) -> Problem:
    return Problem(
        id=name,
        title=f"Task {name}",
        statement=f"task {name}\n\nPrint 1.",
        tests=Testset.inline([(b"", b"1\n"), (b"2\n", b"1\n")]),
    )


@pytest.fixture
def env(judge: Judge) -> Iterator[gymnasium.Env[str, str]]:
    made = gymnasium.make(
        "Families-single", problems=[task("one"), task("two")], judge=judge, disable_env_checker=True
    )
    yield made
    made.close()


@pytest.mark.sandbox
def test_an_episode_holds_tokens_and_exact_log_probs(
    policy: LocalPolicy, env: gymnasium.Env[str, str]
) -> None:
    factory = PolicyFactory(policy, ModelOptions(max_completion_tokens=10))
    agent = factory.make()
    episode = rollout(agent, env, problem="one", sample=3)
    agent.close()
    [step] = episode.steps
    span = step.tokens
    assert span is not None
    assert span.log_probs is not None
    assert span.loss_mask.index(True) == 3  # <s>, `task`, ` one`
    prompt, sampled = span.ids[:3], span.ids[3:]
    assert policy.tokenizer.decode(prompt) == "<s>task one"
    assert step.action == policy.decode(sampled)
    assert span.log_probs[3:] == pytest.approx(policy.score(prompt, sampled), abs=1e-5)
    assert span.log_probs[:3] == (0.0, 0.0, 0.0)
    assert (episode.usage.requests, episode.usage.prompt_tokens) == (1, 3)
    assert episode.usage.completion_tokens == len(sampled)
    assert step.finish_reason in ("stop", "length")
    assert [message["role"] for message in episode.messages] == ["system", "user", "assistant"]
    assert EpisodeRecord.from_json(episode.to_json()) == episode


@pytest.mark.sandbox
def test_many_episodes_are_sampled_in_few_batches_and_repeat_themselves(
    policy: LocalPolicy, judge: Judge
) -> None:
    problems = [task("one"), task("two")]

    def play(workers: int) -> tuple[dict[Any, Any], PolicyFactory]:
        factory = PolicyFactory(policy, ModelOptions(max_completion_tokens=6, model_seed=9))
        tasks = [
            RolloutTask(env_id="Families-single", factory=factory, problem=problem, sample=sample)
            for problem in problems
            for sample in range(6)
        ]
        replies: dict[Any, Any] = {}

        def note(episode: EpisodeRecord) -> None:
            replies[episode.problem_id, episode.sample] = episode.steps[0].tokens

        with factory.batcher.expecting(min(workers, len(tasks))):
            run_rollouts(
                tasks,
                make_env=lambda env_id: gymnasium.make(
                    env_id, problems=problems, judge=judge, disable_env_checker=True
                ),
                on_episode=note,
                workers=workers,
            )
        return replies, factory

    together, factory = play(12)
    assert factory.batcher.batches == 1
    again, _ = play(12)
    assert again == together
    assert len({span.ids for span in together.values()}) > 6
    alone, _ = play(1)
    assert {key: span.ids for key, span in alone.items()} == {key: span.ids for key, span in together.items()}


def info() -> TaskInfo:
    return TaskInfo(observation="task one", mode="single", language=Language.PYTHON)


def test_sampling_that_is_not_exact_tells_no_log_probs(policy: LocalPolicy) -> None:
    agent = PolicyFactory(policy, ModelOptions(temperature=0.5, max_completion_tokens=4)).make()
    agent.start(info())
    tokens = agent.act("task one").tokens
    assert tokens is not None
    assert tokens.log_probs is None


def test_a_prefix_begins_the_reply_and_is_not_learned(policy: LocalPolicy) -> None:
    prefix = policy.encode("print(")
    factory = PolicyFactory(policy, ModelOptions(max_completion_tokens=4), plan=TokenPlan(prefix_ids=prefix))
    agent = factory.make()
    agent.start(info())
    action = agent.act("task one")
    assert action.tokens is not None
    assert action.action.startswith("print(")
    assert action.tokens.ids[3:4] == prefix
    assert action.tokens.loss_mask[:4] == (False,) * 4
    assert all(action.tokens.loss_mask[4:])


def test_acting_before_the_start_is_refused(policy: LocalPolicy) -> None:
    with pytest.raises(AgentError, match="before start"):
        PolicyFactory(policy).make().act("task one")


def test_a_task_it_cannot_read_is_an_error_of_ours(policy: LocalPolicy) -> None:
    agent = PolicyFactory(policy).make()
    agent.start(info())
    with pytest.raises(
        AgentError, match=r"cannot read the observation: .*play the environment MicroFamilies-"
    ):
        agent.act("something else")


def test_a_prompt_without_room_for_a_reply_is_too_long(policy: LocalPolicy) -> None:
    agent = PolicyFactory(policy).make()
    agent.start(info())
    with pytest.raises(ContextWindowError, match="40 tokens, the context 32"):
        agent.act("task" + " one" * 38)


def test_the_identity_is_that_of_the_checkpoint(saved: Path, policy: LocalPolicy) -> None:
    factory = PolicyFactory.load(saved)
    assert policy.identity is not None
    assert factory.identity.model == policy.identity.digest
    assert factory.identity.name == f"policy:{saved}"
    assert factory.identity.digest != PolicyFactory(policy, ModelOptions(model_seed=1)).identity.digest


def test_the_spec_policy_names_a_checkpoint(saved: Path, tmp_path: Path) -> None:
    factory = agent_factory(f"policy:{saved}", ModelOptions(temperature=0.0))
    assert factory.identity.settings["temperature"] == 0.0
    assert factory.obstacle(task("one"), Language.PYTHON) is None
    with pytest.raises(AgentError, match="no such folder"):
        agent_factory(f"policy:{tmp_path / 'missing'}")
