"""Teachers: a conversation in, a reply out. A reply is a proposal of a problem if it parses as one."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from ...judge import Language
from ...problems.families import Spec
from ...problems.families.micro.splits import Split, shuffled_specs
from ...problems.synthesis import Band, ProposalError, Rated, family_proposal, next_spec, parse_proposal
from ..agent import AgentFactory, AgentIdentity, ContinuingAgent, Message, TaskInfo, Usage
from ..errors import AgentError
from ..factory import agent_factory
from ..llm.options import ModelOptions
from .conversation import SYSTEM

SCRIPTED_PREFIX = "scripted:"
FAMILIES = "families"


@dataclass(frozen=True, kw_only=True)
class TeacherReply:
    """The reply of a teacher."""

    text: str = field(repr=False)
    usage: Usage = field(default_factory=Usage)


class Teacher(Protocol):
    """Writes problems; thread-safe."""

    @property
    def identity(self) -> AgentIdentity:
        """Identity of the teacher."""
        ...

    def reply(self, conversation: Sequence[Message], *, sample: int) -> TeacherReply:
        """Return the reply to a conversation.

        Args:
            conversation: Messages of the roles `user` and `assistant` in turn; the last is of the user.
            sample: Number of the request, which differs between the requests of a run.

        Raises:
            AgentError: The model gave no reply, or the conversation is too long for it.
        """
        ...


class AgentTeacher:
    """A teacher that is any agent with a model.

    An agent that cannot take over a conversation of texts gets the conversation as one message.

    Args:
        factory: Makes an agent for each request.
    """

    def __init__(self, factory: AgentFactory) -> None:
        self._factory = factory

    @property
    def identity(self) -> AgentIdentity:
        """Identity of the agents."""
        return self._factory.identity

    def reply(self, conversation: Sequence[Message], *, sample: int) -> TeacherReply:
        """Return the reply of a new agent; arguments and errors as in `Teacher.reply`."""
        agent = self._factory.make()
        try:
            last = str(conversation[-1]["content"])
            task = TaskInfo(observation=last, mode="single", language=Language.PYTHON, sample=sample)
            agent.start(task)
            earlier: list[Message] = [{"role": "system", "content": SYSTEM}, *conversation[:-1]]
            if not isinstance(agent, ContinuingAgent):
                last = _transcript([*earlier, conversation[-1]])
            elif self._factory.identity.kind == "litellm":
                agent.resume(earlier, ())
            else:  # these agents continue only replies whose tokens are known
                last = _transcript(conversation) if len(conversation) > 1 else last
                agent.resume(earlier[:1], ())
            action = agent.act(last)
            return TeacherReply(text=action.action, usage=action.usage)
        finally:
            agent.close()


class FamiliesTeacher:
    """A teacher without a model: it mutates the spec of a micro family, driven by the pass rates it is told.

    Seed, earlier proposals, pass rates and target are read from the conversation, as a model would read them.
    A seed that is no problem of the families stands for a spec that its name chooses.
    """

    identity = AgentIdentity(name=f"{SCRIPTED_PREFIX}{FAMILIES}", kind="scripted")

    def reply(self, conversation: Sequence[Message], *, sample: int) -> TeacherReply:
        """Return the next proposal; the same conversation and sample give the same proposal."""
        asked = [str(message["content"]) for message in conversation if message["role"] == "user"]
        written = [str(message["content"]) for message in conversation if message["role"] == "assistant"]
        history = [
            Rated(spec=spec, rate=_rate(told))
            for text, told in zip(written, asked[1:], strict=True)
            if (spec := _spec_of(text)) is not None
        ]
        generator = random.Random(f"families teacher {sample} {len(history)} {asked[0]}")
        spec = next_spec(_seed_spec(asked[0]), history, _target(asked[-1]), generator)
        return TeacherReply(text=family_proposal(spec).text(), usage=Usage(requests=1))


def make_teacher(spec: str, options: ModelOptions | None = None) -> Teacher:
    """Return the teacher that a spec names.

    Args:
        spec: `scripted:families`, or the spec of an agent with a model, such as `litellm:<model>`.
        options: Options of the model.

    Raises:
        AgentError: The spec is unknown, or names an agent that is no model.
    """
    if spec.startswith(SCRIPTED_PREFIX):
        if spec != f"{SCRIPTED_PREFIX}{FAMILIES}":
            raise AgentError(f"unknown scripted teacher {spec!r}: there is {SCRIPTED_PREFIX}{FAMILIES}")
        return FamiliesTeacher()
    factory = agent_factory(spec, options)
    if factory.identity.kind not in ("litellm", "policy"):
        raise AgentError(
            f"a teacher must be litellm:<model>, policy:<path> or {SCRIPTED_PREFIX}{FAMILIES}, got {spec!r}"
        )
    return AgentTeacher(factory)


def _transcript(messages: Sequence[Message]) -> str:
    return "\n\n".join(f"[{message['role']}]\n{message['content']}" for message in messages)


def _seed_spec(first: str) -> Spec:
    named = re.match(r"Seed: (\S+)", first)
    name = named[1] if named else first
    for part in reversed(name.split("/")):
        try:
            return Spec.parse(part)
        except ValueError:
            continue
    return next(shuffled_specs(Split.TRAIN, random.Random(f"families seed {name}").randrange(1 << 30)))


def _spec_of(text: str) -> Spec | None:
    try:
        return Spec.parse(parse_proposal(text).title)
    except (ProposalError, ValueError):
        return None


def _rate(told: str) -> float | None:
    found = re.match(r"Pass rate: (\d\.\d+)", told)
    return float(found[1]) if found else None


def _target(told: str) -> Band:
    found = re.search(r"Target pass rate: (\d\.\d+) to (\d\.\d+)\.", told)
    if found is None:
        raise AgentError("the teacher was not told a target pass rate")
    return Band(name="target", low=float(found[1]), high=float(found[2]))
