"""Agents that are a policy in this process: they know the tokens they sample and their log-probs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..judge import Language
from ..problems import Problem
from .agent import AgentAction, AgentIdentity, Message, TaskInfo, TokenSpan, Usage
from .errors import AgentError, ContextWindowError
from .model_options import ModelOptions
from .policy import LocalPolicy, Sampled, SampleRequest
from .policy_batcher import Batcher
from .prompts import PROMPTS_DIGEST, system_prompt


class PolicyFactory:
    """Makes agents that share one policy, which samples for all that wait in one batch.

    Args:
        policy: What samples.
        options: Sampling settings: temperature 1, top_p 1, seed 0 and the length of the context unless set.
            Those about servers do not apply.
        name: What tables call the agents.
        batcher: Of another factory, so that the agents of both are sampled in one batch.
        prefix_ids: Tokens every reply begins with; the rest of it is sampled.

    Raises:
        AgentError: Tools are not for these agents.
    """

    def __init__(
        self,
        policy: LocalPolicy,
        options: ModelOptions | None = None,
        *,
        name: str = "policy",
        batcher: Batcher | None = None,
        prefix_ids: tuple[int, ...] = (),
    ) -> None:
        self.policy = policy
        self.options = options or ModelOptions()
        self.batcher = batcher or Batcher(policy.sample)
        self.prefix_ids = prefix_ids
        self._identity = _identity(policy, self.options, name)

    @classmethod
    def load(cls, path: Path | str, options: ModelOptions | None = None) -> PolicyFactory:
        """Load a checkpoint; its agents are called `policy:<path>`.

        Raises:
            AgentError: It cannot be loaded.
        """
        return cls(LocalPolicy.load(path), options, name=f"policy:{path}")

    @property
    def identity(self) -> AgentIdentity:
        """Who the agents are."""
        return self._identity

    def obstacle(self, problem: Problem, language: Language) -> str | None:
        """Return None: a model can try any problem."""
        return None

    def make(self) -> PolicyAgent:
        """Make the agent of one episode."""
        return PolicyAgent(self)


class PolicyAgent:
    """A policy that plays one episode of the mode single.

    Args:
        factory: Has the policy and the settings.
    """

    def __init__(self, factory: PolicyFactory) -> None:
        self._factory = factory
        self._task: TaskInfo | None = None
        factory.batcher.join()
        self._joined = True

    @property
    def identity(self) -> AgentIdentity:
        """Who this is."""
        return self._factory.identity

    def start(self, task: TaskInfo) -> None:
        """Begin the episode.

        Raises:
            AgentError: The task is not of the mode single.
        """
        if task.mode != "single":
            raise AgentError(f"{self.identity.name} plays the mode 'single' only, not {task.mode!r}")
        self._task = task

    def act(self, observation: str) -> AgentAction:
        """Reply to the task.

        Raises:
            AgentError: There was no start, or the tokenizer does not know the task's text.
            ContextWindowError: The prompt leaves no room for a reply.
            ModelError: The policy failed.
        """
        if self._task is None:
            raise AgentError("act() before start()")
        policy = self._factory.policy
        messages: tuple[Message, ...] = (
            {"role": "system", "content": system_prompt(self._task.mode, self._task.language)},
            {"role": "user", "content": observation},
        )
        try:
            prompt = policy.prompt_ids(messages)
        except ValueError as error:
            raise AgentError(f"{self.identity.name} cannot read the task: {error}") from error
        request = self._request(prompt, self._task.sample)
        [sampled] = self._factory.batcher.submit(request)
        reply = policy.decode((*self._factory.prefix_ids, *sampled.token_ids))
        return AgentAction(
            action=reply,
            messages=(*messages, {"role": "assistant", "content": reply}),
            usage=Usage(
                requests=1,
                prompt_tokens=len(request.prompt_ids),
                completion_tokens=len(sampled.token_ids),
            ),
            finish_reason=sampled.finish_reason,
            tokens=token_span(request, sampled),
        )

    def close(self) -> None:
        """Forget the task. A second call does nothing."""
        self._task = None
        if self._joined:
            self._joined = False
            self._factory.batcher.leave()

    def _request(self, prompt: tuple[int, ...], sample: int) -> SampleRequest:
        options = self._factory.options
        begun = (*prompt, *self._factory.prefix_ids)
        room = self._factory.policy.context - len(begun)
        if room < 1:
            raise ContextWindowError(
                f"the prompt has {len(begun)} tokens, the context {self._factory.policy.context}"
            )
        wanted = options.max_completion_tokens
        return SampleRequest(
            prompt_ids=begun,
            max_new_tokens=room if wanted is None else min(wanted, room),
            temperature=1.0 if options.temperature is None else options.temperature,
            top_p=1.0 if options.top_p is None else options.top_p,
            seed=(options.model_seed or 0) + sample,
        )


def token_span(request: SampleRequest, sampled: Sampled) -> TokenSpan:
    """Return the tokens of a reply after its prompt; log-probs only where they are exact."""
    prompt, new = request.prompt_ids, sampled.token_ids
    return TokenSpan(
        ids=(*prompt, *new),
        loss_mask=(False,) * len(prompt) + (True,) * len(new),
        log_probs=(0.0,) * len(prompt) + sampled.log_probs if sampled.exact else None,
    )


def _identity(policy: LocalPolicy, options: ModelOptions, name: str) -> AgentIdentity:
    checkpoint = policy.identity
    settings: dict[str, Any] = {
        "temperature": options.temperature,
        "top_p": options.top_p,
        "max_completion_tokens": options.max_completion_tokens,
        "model_seed": options.model_seed,
        "prompts": PROMPTS_DIGEST,
    }
    if checkpoint is not None and checkpoint.recipe is not None:
        settings["recipe"] = checkpoint.recipe
    return AgentIdentity(
        name=name, kind="policy", model=checkpoint.digest if checkpoint else None, settings=settings
    )
