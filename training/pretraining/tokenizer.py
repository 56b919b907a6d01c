"""A tokenizer over pieces of source code, for models small enough to be trained from scratch.

A text is split by taking the longest piece at each position; joining the pieces gives the text again. A
prompt is one symbolic line and a reply is a fenced code block, so environments can parse replies unchanged.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast

UNKNOWN, BEGIN, END, PADDING = SPECIAL = ("<unk>", "<s>", "</s>", "<pad>")
FENCE_OPEN, FENCE_CLOSE = "```python\n", "\n```"

CHAT_TEMPLATE = """\
{%- set prompt = namespace(line='') -%}
{%- for message in messages | reverse if message['role'] == 'user' -%}
{%- for line in message['content'].split('\\n') if line.strip() and not line.startswith('#') -%}
{%- set prompt.line = line.strip() -%}
{%- break -%}
{%- endfor -%}
{%- break -%}
{%- endfor -%}
{%- if not prompt.line -%}{{ raise_exception('the last user message has no prompt line') }}{%- endif -%}
{{- bos_token + prompt.line -}}
"""
"""Template whose prompt is the first line of the last user message that is neither blank nor a heading."""


def build_tokenizer(pieces: Sequence[str], *, context: int, template: str = CHAT_TEMPLATE) -> Any:
    """Return a tokenizer whose tokens are special tokens, the fences of a code block, and the pieces.

    Args:
        pieces: Distinct strings. Their order decides the token ids, so checkpoints depend on it.
        context: Largest number of tokens in a sequence of the model.
        template: Chat template; the prompts that it makes must consist of pieces.

    Raises:
        ValueError: A piece is empty, occurs twice, or is a special token or a fence.
    """
    vocabulary = [*SPECIAL, FENCE_OPEN, FENCE_CLOSE, *pieces]
    if len(set(vocabulary)) < len(vocabulary) or not all(vocabulary):
        doubled = sorted({piece for piece in vocabulary if vocabulary.count(piece) > 1})
        raise ValueError(f"pieces must be distinct and not empty, got repeated pieces {doubled}")
    # The longest pieces first: an alternation of a regular expression takes the first that matches.
    cut = "|".join(map(re.escape, sorted(vocabulary[len(SPECIAL) :], key=len, reverse=True)))
    tokenizer = Tokenizer(
        models.WordLevel({piece: number for number, piece in enumerate(vocabulary)}, unk_token=UNKNOWN)
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex(cut), behavior="isolated")
    tokenizer.decoder = decoders.Fuse()
    return PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]  # transformers does not annotate it
        tokenizer_object=tokenizer,
        unk_token=AddedToken(UNKNOWN, special=True),
        bos_token=AddedToken(BEGIN, special=True),
        eos_token=AddedToken(END, special=True),
        pad_token=AddedToken(PADDING, special=True),
        clean_up_tokenization_spaces=False,  # decoding must give the text back exactly
        model_max_length=context,
        chat_template=template,
    )


def whole_text(prompt: str, program: str) -> str:
    """Return the full text of an episode: the prompt as in the chat template, the reply, and its end."""
    return BEGIN + prompt + FENCE_OPEN + program + FENCE_CLOSE + END
