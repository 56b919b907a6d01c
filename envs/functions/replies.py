"""Find the literal that a reply gives as its answer."""

from __future__ import annotations

import re

from ...problems import LiteralError
from ..actions import code_blocks
from ..actions.blocks import after_thinking

ANSWER_HELP = (
    "Put your answer on a line of its own that begins with `answer:`, or alone into the only fenced code "
    "block of your reply. It is read as a Python literal and never evaluated."
)
"""The rule for answers that every prompt states."""
_LINE = re.compile(r"[ \t>*_#-]*+answer[ \t*_`]*+:", re.IGNORECASE)
_EMPHASIS = " \t\r*_"
"""Characters around an answer that no literal begins or ends with."""


def find_answer(reply: str) -> str:
    """Return the text of the answer in a reply.

    A line that begins with `answer:`, outside of code blocks, is the answer; marks of emphasis around the
    word and backticks around the answer are removed. Without such a line, the content of the only fenced code
    block is the answer. In a reply with think tags only the text after the last `</think>` counts.

    Raises:
        LiteralError: There is no answer, or more than one.
    """
    text = after_thinking(reply)
    blocks = [block for block in code_blocks(text) if not block.stray]
    outside, place = [], 0
    for block in blocks:
        outside.append(text[place : block.start])
        place = block.end
    lines = [
        line[match.end() :].strip(_EMPHASIS)
        for line in "\n".join([*outside, text[place:]]).split("\n")
        if (match := _LINE.match(line))
    ]
    if len(lines) > 1:
        raise LiteralError(f"the reply has {len(lines)} lines that begin with `answer:`; one is allowed")
    if lines:
        quoted = lines[0].startswith("`") and lines[0].endswith("`")
        return lines[0].strip("`") if quoted else lines[0]
    if len(blocks) > 1:
        raise LiteralError(f"the reply has {len(blocks)} code blocks and no line that begins with `answer:`")
    if not blocks:
        raise LiteralError("the reply has neither a line that begins with `answer:` nor a code block")
    return blocks[0].code
