"""Conversations as training rows: the tokens of the assistant's turns are learned, all others are read.

The tokens are the tokens that sampling would give. A prompt is encoded up to the point where the model begins
to write, and a reply by itself, so that no token lies across the border. What a chat template writes after
the end-of-text token of a reply is not learned: nobody samples it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ...agents import Message
from ...agents.policy.tokenizer import PolicyTokenizer, Tools
from ..errors import TrainingError

ASSISTANT = "assistant"
_END = 20
"""Number of characters at the end of a reply that must be in what a template writes."""


@dataclass(frozen=True, kw_only=True)
class MaskedTokens:
    """T tokens of a conversation."""

    ids: tuple[int, ...] = field(repr=False)
    learned: tuple[bool, ...] = field(repr=False)
    """[T]: whether the token is learned."""


@dataclass
class _Row:
    """A row that grows turn by turn, and the text that it stands for."""

    text: str = ""
    ids: list[int] = field(default_factory=list)
    learned: list[bool] = field(default_factory=list)

    def add(self, ids: Sequence[int], *, learned: bool) -> None:
        self.ids += ids
        self.learned += [learned] * len(ids)

    @property
    def done(self) -> MaskedTokens:
        return MaskedTokens(ids=tuple(self.ids), learned=tuple(self.learned))


def mask_conversation(
    policy: PolicyTokenizer, messages: Sequence[Message], *, tools: Tools = ()
) -> list[MaskedTokens]:
    """Return the rows of a conversation: one, or more where the chat template rewrites earlier messages.

    A template that, for example, removes the reasoning of earlier turns gives each reply a history of its
    own, and so a row of its own.

    Args:
        policy: Tokenizer of the model.
        messages: Messages of the conversation.
        tools: Tools that the chat template describes.

    Raises:
        TrainingError: No message is from the assistant, the first message is from the assistant, or the chat
            template writes a reply in another place than it asks for a reply.
        ValueError: The template refuses the messages, or the tokenizer does not know some text.
    """
    turns = [place for place, message in enumerate(messages) if message.get("role") == ASSISTANT]
    if not turns:
        raise TrainingError("there is no message of the assistant to learn from")
    if turns[0] == 0:
        raise TrainingError("the first message is the assistant's, so there is no prompt")
    if policy.tokenizer.chat_template is None:
        return [_plain(policy, messages, turns)]
    rows: list[_Row] = []
    for place in turns:
        head = policy.rendered(messages[:place], prompt=True, tools=tools)
        whole = policy.rendered(messages[: place + 1], prompt=False, tools=tools)
        if not rows or not head.startswith(rows[-1].text):
            rows.append(_Row())
        row = rows[-1]
        row.add(policy.encode(head[len(row.text) :]), learned=False)
        reply, tail = _reply(policy, _content(messages[place]), head=head, whole=whole)
        row.add(reply, learned=True)
        row.add(tail.ids, learned=False)
        row.text = head + tail.written
    return [row.done for row in rows]


def _plain(policy: PolicyTokenizer, messages: Sequence[Message], turns: Sequence[int]) -> MaskedTokens:
    """Return a conversation without a chat template: the messages before the replies, and the replies."""
    row = _Row()
    row.add(policy.begin_ids, learned=False)
    for place in turns:
        row.add(policy.encode(_content(messages[place - 1])), learned=False)
        row.add((*policy.encode(_content(messages[place])), policy.end_id), learned=True)
    return row.done


@dataclass(frozen=True, kw_only=True)
class _Tail:
    """What follows the learned tokens of a reply."""

    ids: tuple[int, ...] = ()
    written: str
    """Text of the reply and of what follows it."""


def _reply(policy: PolicyTokenizer, content: str, *, head: str, whole: str) -> tuple[tuple[int, ...], _Tail]:
    """Return the learned tokens of a reply, and what follows them.

    Args:
        policy: Tokenizer of the model, with a chat template.
        content: Content of the reply.
        head: Text of the messages before the reply, up to where the model begins to write.
        whole: Text of the messages up to the reply.
    """
    if whole == head:  # the template shows no replies, as for a model that answers one prompt
        return (*policy.encode(content), policy.end_id), _Tail(written=content)
    written = whole.removeprefix(head)
    # Templates may trim a reply or move its reasoning, so only its end is looked for.
    if written == whole or content.strip()[-_END:] not in written:
        raise TrainingError(
            f"the chat template asks for a reply with {head[-40:]!r} at the end, but writes a reply as "
            f"{whole[-40:]!r}: the tokens to learn cannot be told apart"
        )
    ids = policy.encode(written)
    stop = next((place for place, token in enumerate(ids) if policy.ends(token)), None)
    if stop is None:  # the template leaves out the end-of-text token, which the model must learn to write
        return (*ids, policy.end_id), _Tail(written=written)
    return ids[: stop + 1], _Tail(ids=ids[stop + 1 :], written=written)


def _content(message: Message) -> str:
    return str(message.get("content") or "")
