"""Tokens of the trace language: a tokenizer for tiny models, and markers for any model of transformers."""

from __future__ import annotations

import string
from typing import Any

from tokenizers import AddedToken

from ...problems.families import vocabulary
from ...problems.traces import MARKERS
from .tokenizer import build_tokenizer

CONVERSATION = """\
{{- bos_token -}}
{%- for message in messages if message['role'] != 'system' -%}
{%- set parts = message['content'].split('<|trace|>') -%}
{{- parts[0] if parts | length == 1 else '<|trace|>' + parts[-1] -}}
{%- if message['role'] == 'assistant' -%}{{- eos_token -}}{%- endif -%}
{%- endfor -%}
"""
"""Chat template in which messages follow one another as they are, and a reply ends with the end of text. What
stands before `<|trace|>`, such as instructions for other models, is left out, and so are system messages."""
_CHARACTERS = (*string.printable[:-5], "\n")
"""Printable ASCII and the line feed, so that every text of ASCII has tokens."""


def trace_pieces() -> tuple[str, ...]:
    """Return the pieces of the tokenizer for tiny models: markers, pieces of family programs, characters."""
    return tuple(dict.fromkeys((*MARKERS, *vocabulary(), *_CHARACTERS)))


def trace_tokenizer(*, context: int) -> Any:
    """Return a tokenizer for tiny models that write states; a marker is one token.

    Args:
        context: Largest number of tokens in a sequence of the model.
    """
    return build_tokenizer(trace_pieces(), context=context, template=CONVERSATION)


def add_markers(tokenizer: Any, model: Any = None) -> int:
    """Make each marker of the trace language one token of a tokenizer, and return the number of new tokens.

    Without this a model can read and write markers too, as several tokens each. Markers are kept when tokens
    are decoded, even where special tokens are left out.

    Args:
        tokenizer: A tokenizer; it is changed.
        model: Its model, which gets an embedding for each new token; None changes only the tokenizer.
    """
    known = set(tokenizer.get_vocab())
    new = [AddedToken(marker, special=False, normalized=False) for marker in MARKERS if marker not in known]
    tokenizer.add_tokens(new)
    if model is not None and len(tokenizer) > model.get_input_embeddings().weight.shape[0]:
        model.resize_token_embeddings(len(tokenizer))
    return len(new)
