"""Agents that sample from a policy, in this process or on a server, and record tokens and log-probs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from ...judge import Language
from ...problems import Problem
from ..agent import AgentAction, AgentIdentity, Message, TaskInfo, TokenSpan, Usage
from ..errors import AgentError, ContextWindowError
from ..llm.options import ModelOptions
from ..llm.prompts import Prompts
from ..records.tokens import TokenLedger
from .batcher import Batcher
from .policy import LocalPolicy, Sampled, SampleRequest
from .tokenizer import PolicyTokenizer, Tools

TURN_STRIDE = 1_000_003
"""Difference between the seeds of consecutive replies of an episode; larger than any number of samples, so
that seeds of different samples do not coincide."""


@dataclass(frozen=True, kw_only=True)
class PolicyReply:
    """Sampled tokens of a reply, and their usage including failed requests."""

    sampled: Sampled
    usage: Usage


class PolicySampling(Protocol):
    """Samples the replies for all agents of a factory, each of which runs in its own thread."""

    def join(self) -> None:
        """Register an agent, which will call `reply` or `leave`."""
        ...

    def leave(self) -> None:
        """Unregister an agent, which sends no more requests."""
        ...

    def reply(self, request: SampleRequest) -> PolicyReply:
        """Sample a continuation of a prompt.

        Raises:
            ModelError: Sampling failed.
            ContextWindowError: The prompt is too long for the model.
        """
        ...


class BatchedSampling:
    """Samples in this process; the requests of all waiting agents make up one batch.

    Args:
        batcher: Batcher that collects the requests.
    """

    def __init__(self, batcher: Batcher) -> None:
        self._batcher = batcher

    def join(self) -> None:
        """Register an agent."""
        self._batcher.join()

    def leave(self) -> None:
        """Unregister an agent."""
        self._batcher.leave()

    def reply(self, request: SampleRequest) -> PolicyReply:
        """Sample a continuation of a prompt; raises the errors of `PolicySampling.reply`."""
        [sampled] = self._batcher.submit(request)
        usage = Usage(
            requests=1,
            prompt_tokens=len(request.prompt_ids),
            completion_tokens=len(sampled.token_ids),
        )
        return PolicyReply(sampled=sampled, usage=usage)


@dataclass(frozen=True, kw_only=True)
class TokenPlan:
    """What training decides about the tokens of an episode."""

    prefix_ids: tuple[int, ...] = field(default=(), repr=False)
    """Tokens with which the first reply of an agent begins; the rest of the reply is sampled."""
    opening: str | None = field(default=None, repr=False)
    """Text that the policy reads instead of the first observation; None keeps the observation."""
    entropy: bool = False
    """Whether entropies are recorded with the sampled tokens."""
    policy_version: int | None = None
    """Number of optimizer steps of the policy, recorded with its tokens; None records nothing."""


NO_PLAN = TokenPlan()
_SMALL_VOCABULARY = 1000
"""Number of tokens below which a model cannot read any text."""


class PolicyAgents:
    """Makes agents that sample from one policy.

    Args:
        policy: Tokenizer of the policy.
        sampling: Samples the replies.
        options: Sampling settings; by default temperature 1, top_p 1, seed 0, and replies as long as the
            context allows.
        name: Name of the agents in tables.
        plan: Prefix of the first reply, another first observation, and what is recorded with tokens.

    Raises:
        AgentError: The prompts cannot be read.
    """

    def __init__(
        self,
        policy: PolicyTokenizer,
        sampling: PolicySampling,
        options: ModelOptions,
        *,
        name: str,
        plan: TokenPlan = NO_PLAN,
    ) -> None:
        self.policy = policy
        self.sampling = sampling
        self.options = options
        self.plan = plan
        self.prompts = Prompts.load(options.prompts) if options.prompts else Prompts()
        self.native_tools = options.native_tools and policy.takes_tools
        """Whether tools are described, and their results shown, in the form of the model's chat template."""
        self._identity = _identity(policy, options, name, self.prompts)

    @property
    def identity(self) -> AgentIdentity:
        """Identity of the agents."""
        return self._identity

    def obstacle(self, problem: Problem, language: Language) -> str | None:
        """Return None: a model can try any problem."""
        return None

    def make(self) -> PolicyAgent:
        """Make the agent of one episode."""
        return PolicyAgent(self)


class PolicyFactory(PolicyAgents):
    """Makes agents that share one policy in this process; the requests of all waiting agents make up one
    batch.

    Args:
        policy: Policy to sample from.
        options: Options of `PolicyAgents`; options about servers are ignored.
        name: Name of the agents in tables.
        batcher: Batcher of another factory, to sample the agents of both in one batch.
        plan: Prefix of the first reply, another first observation, and what is recorded with tokens.

    Raises:
        AgentError: The prompts cannot be read.
    """

    def __init__(
        self,
        policy: LocalPolicy,
        options: ModelOptions | None = None,
        *,
        name: str = "policy",
        batcher: Batcher | None = None,
        plan: TokenPlan = NO_PLAN,
    ) -> None:
        self.batcher = batcher or Batcher(policy.running())
        sampling = BatchedSampling(self.batcher)
        chosen = options or ModelOptions()
        super().__init__(policy, sampling, chosen, name=name, plan=plan)

    @classmethod
    def load(cls, path: Path | str, options: ModelOptions | None = None) -> PolicyFactory:
        """Load a checkpoint; its agents have the name `policy:<path>`.

        Raises:
            AgentError: The checkpoint cannot be loaded.
        """
        return cls(LocalPolicy.load(path), options, name=f"policy:{path}")


class PolicyAgent:
    """A policy that plays one episode; in the modes with tools it writes tool calls as text.

    Where the chat template takes tools, it describes them and shows their results in the model's own form.
    Otherwise the system message describes them, and results are messages of the user.

    Sampled tokens are never decoded and encoded again: the next prompt is the tokens so far followed by the
    tokens of the observation. Where the chat template rewrites earlier messages, a new row of tokens begins.

    Args:
        factory: Factory with the policy and the settings.
    """

    def __init__(self, factory: PolicyAgents) -> None:
        self._factory = factory
        self._task: TaskInfo | None = None
        self._tools: Tools = ()
        self._messages: list[Message] = []
        self._row: tuple[int, ...] = ()
        self._ledger = TokenLedger()
        factory.sampling.join()
        self._joined = True
        self._prefix_ids = factory.plan.prefix_ids

    @property
    def identity(self) -> AgentIdentity:
        """Identity of the agent."""
        return self._factory.identity

    def start(self, task: TaskInfo) -> None:
        """Begin the episode."""
        prompts = self._factory.prompts
        native = self._factory.native_tools
        system = prompts.system(task.prompt, task.language, task.tools, native_tools=native)
        self._tools = task.tools if native else ()
        self._task = task
        self._messages = [{"role": "system", "content": system}]
        self._row = ()
        self._ledger = TokenLedger()

    def resume(self, messages: Sequence[Message], spans: Sequence[TokenSpan]) -> None:
        """Take over the conversation of another agent of the same policy.

        Raises:
            AgentError: There are messages without tokens.
        """
        if len(spans) != sum(message["role"] == "assistant" for message in messages):
            raise AgentError(f"{self.identity.name} can continue only replies with tokens")
        if messages:
            self._messages = list(messages)
        self._ledger = TokenLedger(spans)
        self._row = self._ledger.row

    def act(self, observation: str) -> AgentAction:
        """Reply to an observation.

        Raises:
            AgentError: `start` was not called, or the tokenizer cannot encode the observation.
            ContextWindowError: The prompt leaves no room for a reply.
            ModelError: The policy failed.
        """
        if self._task is None:
            raise AgentError("act() before start()")
        policy, begun = self._factory.policy, len(self._messages) > 1
        known = len(self._messages) if begun else 0  # the first action adds the system message too
        if not begun and self._factory.plan.opening is not None:
            observation = self._factory.plan.opening
        role = "tool" if begun and self._tools else "user"
        self._messages.append({"role": role, "content": observation})
        try:
            if begun:
                prompt = policy.next_prompt_ids(self._row, self._messages, tools=self._tools)
            else:
                prompt = policy.prompt_ids(self._messages, tools=self._tools)
        except ValueError as error:
            raise AgentError(
                f"{self.identity.name} cannot read the observation: {error}{_hint(policy)}"
            ) from error
        request = self._request(prompt, self._seed(self._task.sample))
        answered = self._factory.sampling.reply(request)
        sampled = answered.sampled
        self._row = (*request.prompt_ids, *sampled.token_ids)
        reply = policy.decode((*self._prefix_ids, *sampled.token_ids))
        self._prefix_ids = ()
        self._messages.append({"role": "assistant", "content": reply})
        # Training must not take log-probs of another distribution for those of the sampling.
        log_probs = sampled.log_probs if sampled.exact else None
        return AgentAction(
            action=reply,
            messages=tuple(self._messages[known:]),
            usage=answered.usage,
            finish_reason=sampled.finish_reason,
            tokens=self._ledger.append(
                request.prompt_ids,
                sampled.token_ids,
                log_probs,
                entropies=sampled.entropy,
                policy_version=self._factory.plan.policy_version,
            ),
        )

    def close(self) -> None:
        """Forget the task. A second call does nothing."""
        self._task = None
        # Leaving twice would make the batcher expect one agent too few.
        if self._joined:
            self._joined = False
            self._factory.sampling.leave()

    def _request(self, prompt: tuple[int, ...], seed: int) -> SampleRequest:
        options = self._factory.options
        begun = (*prompt, *self._prefix_ids)
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
            seed=seed,
            entropy=self._factory.plan.entropy,
        )

    def _seed(self, sample: int) -> int:
        """Return the seed of the next reply, different in each turn."""
        turn = len(self._messages) // 2 - 1
        return (self._factory.options.model_seed or 0) + sample + TURN_STRIDE * turn


def _hint(policy: PolicyTokenizer) -> str:
    """Return where a model with a small vocabulary finds problems that it can read."""
    if len(policy.tokenizer) >= _SMALL_VOCABULARY:
        return ""
    return (
        "; tiny models of `codefrontier train sft` read only the micro families: play the environment "
        "MicroFamilies-single"
    )


def _identity(policy: PolicyTokenizer, options: ModelOptions, name: str, prompts: Prompts) -> AgentIdentity:
    checkpoint = policy.identity
    settings: dict[str, Any] = {
        "temperature": options.temperature,
        "top_p": options.top_p,
        "max_completion_tokens": options.max_completion_tokens,
        "model_seed": options.model_seed,
        "prompts": prompts.digest,
    }
    if checkpoint is not None and checkpoint.recipe is not None:
        settings["recipe"] = checkpoint.recipe
    if policy.takes_tools:  # only then does the option change anything
        settings["native_tools"] = options.native_tools
    return AgentIdentity(
        name=name, kind="policy", model=checkpoint.digest if checkpoint else None, settings=settings
    )
