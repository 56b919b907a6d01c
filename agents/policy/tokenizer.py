"""Conversations as tokens, by a chat template, and tokens as text."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from jinja2 import TemplateError

from ..agent import Message
from ..errors import AgentError
from .checkpoint import CheckpointIdentity

Tools = Sequence[Mapping[str, Any]]
"""Function schemas of tools in the form of the OpenAI protocol."""
_TOOLS = re.compile(r"\btools\b")
_TOOL_ROLE = re.compile(r"""["']tool["']""")


class PolicyTokenizer:
    """Encodes conversations and decodes tokens; has no weights.

    Args:
        tokenizer: Tokenizer of transformers.
        eos_ids: Tokens that end a reply in the generation settings; the tokenizer's end-of-text token is
            added.
        context: Maximum number of tokens of prompt and continuation together.
        identity: Identity of the checkpoint; None for a checkpoint that is not on disk.

    Raises:
        AgentError: No token ends a reply.
    """

    def __init__(
        self,
        tokenizer: Any,
        *,
        eos_ids: Sequence[int],
        context: int,
        identity: CheckpointIdentity | None = None,
    ) -> None:
        self.tokenizer = tokenizer
        self.context = context
        self.identity = identity
        own = () if tokenizer.eos_token_id is None else (tokenizer.eos_token_id,)
        self._stop_ids = frozenset((*eos_ids, *own))
        if not self._stop_ids:
            raise AgentError("neither tokenizer nor generation settings name an end-of-text token")

    @property
    def end_id(self) -> int:
        """The token with which the model should end a reply: the tokenizer's end-of-text token, if any."""
        own = self.tokenizer.eos_token_id
        return min(self._stop_ids) if own is None else int(own)

    @property
    def begin_ids(self) -> tuple[int, ...]:
        """The begin-of-text token, with which a prompt without a chat template begins; empty without one."""
        return _begin(self.tokenizer)

    @property
    def takes_tools(self) -> bool:
        """Whether the chat template describes tools in the model's own form, and shows their results."""
        template = str(self.tokenizer.chat_template or "")
        return bool(_TOOLS.search(template) and _TOOL_ROLE.search(template))

    def ends(self, token_id: int) -> bool:
        """Return whether a token ends a reply."""
        return token_id in self._stop_ids

    def encode(self, text: str) -> tuple[int, ...]:
        """Return the tokens of a text, without begin-of-text and end-of-text tokens.

        Raises:
            ValueError: The tokenizer has no token for some part of the text.
        """
        return self._known(self.tokenizer.encode(text, add_special_tokens=False), text)

    def decode(self, token_ids: Sequence[int]) -> str:
        """Return the text of tokens; special tokens give no text."""
        return str(self.tokenizer.decode(list(token_ids), skip_special_tokens=True))

    def token_text(self, token_id: int) -> str:
        """Return the text of one token; a special token gives its name."""
        return str(self.tokenizer.decode([token_id], skip_special_tokens=False))

    def prompt_ids(self, messages: Sequence[Message], *, tools: Tools = ()) -> tuple[int, ...]:
        """Return the tokens of a conversation up to the reply, by the chat template.

        Without a chat template, they are the begin-of-text token and the content of the last message.

        Args:
            messages: Messages of the conversation.
            tools: Tools that the template describes.

        Raises:
            ValueError: The template refuses the messages, or the tokenizer does not know some text.
        """
        if not messages:
            raise ValueError("messages must hold at least one message")
        if self.tokenizer.chat_template is None:
            content = str(messages[-1].get("content") or "")
            return (*_begin(self.tokenizer), *self.encode(content))
        return self.encode(self.rendered(messages, prompt=True, tools=tools))

    def next_prompt_ids(
        self, row: Sequence[int], messages: Sequence[Message], *, tools: Tools = ()
    ) -> tuple[int, ...]:
        """Return the tokens of a conversation after a reply, keeping the reply's tokens as they were sampled.

        Where the chat template rewrites earlier messages, the whole conversation is encoded again.

        Args:
            row: All tokens up to the end of the reply.
            messages: The conversation; the last two messages are the reply and the message after it.
            tools: Tools that the template describes.

        Raises:
            ValueError: The template refuses the messages, or the tokenizer does not know some text.
        """
        if self.tokenizer.chat_template is None:
            return (*row, *self.encode(str(messages[-1].get("content") or "")))
        reply = str(messages[-2].get("content") or "")
        before = self.rendered(messages[:-1], prompt=False, tools=tools)
        after = self.rendered(messages, prompt=True, tools=tools)
        head = self.rendered(messages[:-2], prompt=True, tools=tools)
        # The template has changed an earlier message, for example removed its reasoning.
        if not before.startswith(head + reply) or not after.startswith(before):
            return self.encode(after)
        end = before[len(head) + len(reply) :]  # what the template appends to a reply
        # The model may have sampled the end-of-text token that the template would append.
        stop = self.token_text(row[-1]) if row and row[-1] in self._stop_ids else ""
        return (*row, *self.encode(end.removeprefix(stop) + after[len(before) :]))

    def rendered(self, messages: Sequence[Message], *, prompt: bool, tools: Tools = ()) -> str:
        """Return the text of a conversation by the chat template.

        Args:
            messages: Messages of the conversation.
            prompt: Add what stands before a reply of the model.
            tools: Tools that the template describes.

        Raises:
            ValueError: The template refuses the messages.
        """
        try:
            text = self.tokenizer.apply_chat_template(
                list(messages),
                tools=[dict(tool) for tool in tools] or None,
                tokenize=False,
                add_generation_prompt=prompt,
            )
        except (TemplateError, TypeError, ValueError, KeyError, AttributeError) as error:
            raise ValueError(f"the chat template refuses the messages: {error}") from error
        return str(text)

    def _known(self, token_ids: Sequence[int], text: str) -> tuple[int, ...]:
        unknown = self.tokenizer.unk_token_id
        if unknown is not None and unknown in token_ids:
            raise ValueError(f"the tokenizer does not know some part of {text!r:.200}")
        return tuple(token_ids)


def eos_ids(generation: Any) -> tuple[int, ...]:
    """Return the tokens by which generation settings of transformers end a reply."""
    found = getattr(generation, "eos_token_id", None)
    listed = found if isinstance(found, list) else [found]
    return tuple(token for token in listed if token is not None)


def _begin(tokenizer: Any) -> tuple[int, ...]:
    return () if tokenizer.bos_token_id is None else (tokenizer.bos_token_id,)
