"""The answer of a reply: the number of a program, or a ranking of all programs."""

from __future__ import annotations

import re

from ..actions import last_code_block

Answer = tuple[int, ...]
"""Numbers of programs from 1: the best one alone, or all of them, the best first."""
_OPEN, _CLOSE = "<think>", "</think>"
_BOXED = re.compile(r"\\boxed\{([^{}]*)\}")
_LINE = re.compile(r"(?:the\s+)?(?:final\s+)?answer\s*(?:is)?\s*[:=]?\s*(.+)", re.IGNORECASE)
_NUMBERS = re.compile(
    r"""(?:print\(\s*)?["']?(?:programs?\s*|\#)?(?P<numbers>\d{1,3}(?:\s*[\s,>]\s*\d{1,3})*)["']?\s*\)?\.?""",
    re.IGNORECASE,
)
_LONGEST = 200
"""Most characters of the part of a reply that is read as the answer."""


def parse_answer(reply: str, count: int, *, ranking: bool = False, thinking: bool = True) -> Answer | str:
    """Return the answer of a reply, or why it has none.

    Args:
        reply: The reply. With `thinking`, text may come before the answer: what follows the last `</think>`
            counts, and of that the last fenced block, else the last `\\boxed{...}`, else the last line that
            begins with `Answer:`, else the last line if it is nothing but numbers.
        count: Number of programs.
        ranking: Whether the answer ranks all programs, the best first, instead of naming the best.
        thinking: Whether text may come before the answer; otherwise the reply must be the answer alone.
    """
    text = reply.strip()
    if thinking:
        _, close, tail = text.rpartition(_CLOSE)
        if not close and _OPEN in text:
            return f"the thoughts have no end: {_CLOSE} is missing"
        text = _final_part(tail.strip())
    elif _OPEN in text or _CLOSE in text:
        return "thoughts are not allowed: reply with the answer alone"
    else:
        text = _unwrapped(text)
    found = _NUMBERS.fullmatch(text.strip().strip("*").strip()) if len(text) <= _LONGEST else None
    if found is None:
        wanted = "a ranking such as `2 1 3`" if ranking else "the number of a program"
        alone = "" if thinking else " alone"
        return f"the reply has no answer: it must {'end with' if thinking else 'be'} {wanted}{alone}"
    numbers = tuple(map(int, re.findall(r"\d+", found["numbers"])))
    return _checked(numbers, count, ranking=ranking)


def _checked(numbers: Answer, count: int, *, ranking: bool) -> Answer | str:
    if ranking:
        if sorted(numbers) != list(range(1, count + 1)):
            return f"a ranking must name each of the programs 1 to {count} once, got {numbers}"
        return numbers
    if len(numbers) != 1:
        return f"the answer must be one number, got {len(numbers)}"
    if not 1 <= numbers[0] <= count:
        return f"the answer must be from 1 to {count}, got {numbers[0]}"
    return numbers


def _final_part(text: str) -> str:
    """Return the part of a reply, without its thoughts, that holds the answer."""
    block = last_code_block(text)
    if block is not None:
        return block
    boxed = _BOXED.findall(text)
    if boxed:
        return str(boxed[-1])
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    for line in reversed(lines):
        named = _LINE.fullmatch(line.strip("*# "))
        if named:
            return named[1]
    return lines[-1] if lines else ""


def _unwrapped(text: str) -> str:
    """Return an answer without the box, the fence or the word `Answer:` around it."""
    boxed, named = _BOXED.fullmatch(text), _LINE.fullmatch(text)
    if boxed or named:
        return (boxed or named)[1]  # type: ignore[index]  # one of them matched
    block = last_code_block(text) if text.startswith(("```", "~~~")) else None
    return text if block is None else block
