"""The program of a reply: fenced code blocks as in CommonMark, after the thoughts of the model."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

BLOCK_HELP = (
    "The last fenced code block of your reply is your submission, whatever its language tag: "
    "put the complete program there."
)
"""The rule for code blocks that every prompt states."""
MISSING_FENCE = (
    "the reply ends with a closing fence, but the opening fence is missing: "
    "begin the program with a line of ``` and a language"
)

_ACTION_FIRST = re.compile(r"\s*(?:\{|<tool_call>|<function[= ])")
_FENCE = re.compile(r"(?P<fence>`{3,}|~{3,})(?P<info>.*)$")
_QUOTE = re.compile(r"[ \t]*>[ ]?")
_ITEM = re.compile(r"(?P<marker>[-*+]|\d{1,9}[.)])(?P<gap>[ \t]+|$)")
_MAY_OPEN = frozenset(" \t>`~-*+0123456789")
"""First characters of lines that can open a code block, a list item or a block quote. Other lines are skipped
without a match of the regular expressions, which most lines of a reply would need otherwise."""
_TAB = 4
_DEEPEST = 8
"""Most list items that one line can open."""
_NOT_CODE = 4
"""Columns of indentation from which a line is part of an indented code block and cannot be a fence."""


@dataclass(frozen=True, kw_only=True)
class CodeBlock:
    """A fenced code block."""

    info: str
    """Text after the opening fence: the language tag and attributes."""
    code: str
    start: int
    """Offset in the text at which the content begins."""
    end: int
    """Offset in the text at which the content ends: the line of the closing fence."""
    closed: bool

    @property
    def language(self) -> str:
        """The first word of the info string, in lower case."""
        return (self.info.split() or [""])[0].lower()

    @property
    def stray(self) -> bool:
        """Whether this is a closing fence that closes nothing: a last block without tag and content."""
        return not (self.closed or self.info or self.code.strip())


def last_code_block(reply: str) -> str | None:
    """Return the content of the last fenced code block of a reply, or None.

    A fence is at least three backticks or tildes, and at least as many of the same characters close the
    block, as in CommonMark. Blocks in list items and block quotes are found, and the indentation and the
    marks are removed from their content. The language tag is ignored. A last block without a closing fence
    reaches to the end of the reply, because servers cut off the closing fence when it is a stop sequence. A
    fence at the end that closes nothing and has neither a tag nor content is not a block. In a reply with
    think tags only the text after the last `</think>` counts; if that tag is missing there is no code.
    """
    blocks = [block for block in code_blocks(after_thinking(reply)) if not block.stray]
    return blocks[-1].code if blocks else None


def first_code_blocks(reply: str, count: int) -> list[str]:
    """Return the contents of the first `count` fenced code blocks of a reply; see `last_code_block`."""
    blocks = (block for block in code_blocks(after_thinking(reply)) if not block.stray)
    return [block.code for block in islice(blocks, count)]


def has_stray_fence(reply: str) -> bool:
    """Return whether a reply without a code block ends with a closing fence."""
    blocks = list(code_blocks(after_thinking(reply)))
    return len(blocks) == 1 and blocks[0].stray


def code_blocks(text: str) -> Iterator[CodeBlock]:
    """Yield the fenced code blocks of a text in order, in time linear in the length of the text."""
    if "```" not in text and "~~~" not in text:
        return
    items: list[int] = []  # columns at which the content of the open list items begins
    opened: _Open | None = None
    place = 0
    for line in text.split("\n"):  # not splitlines(): form feeds and other separators may occur in programs
        start, place = place, place + len(line) + 1
        bare = line.removesuffix("\r")
        if opened is not None:
            if not opened.is_left_by(bare):
                if opened.is_closed_by(bare):
                    yield opened.block(start, closed=True)
                    opened = None
                else:
                    opened.add(line)
                continue
            yield opened.block(start, closed=True)
        opened = _opening(bare, items, place) if bare and (items or bare[0] in _MAY_OPEN) else None
    if opened is not None:
        yield opened.block(len(text), closed=False)


class _Open:
    """A block whose closing fence has not been read yet.

    Args:
        quotes: Number of block quotes around it.
        column: Column at which the content of its list item begins; 0 outside of lists.
        indent: Columns before the opening fence.
        fence: Characters of the opening fence.
        info: Text after the opening fence.
        start: Offset in the text at which the content begins.
    """

    def __init__(self, quotes: int, column: int, indent: int, fence: str, info: str, start: int) -> None:
        self._quotes, self._column, self._indent = quotes, column, indent
        self._fence, self._info, self._start = fence, info.strip(), start
        self._lines: list[str] = []

    def is_left_by(self, line: str) -> bool:
        """Return whether a line is outside of the block quote."""
        return bool(self._quotes) and _unquoted(line, self._quotes)[0] < self._quotes

    def is_closed_by(self, line: str) -> bool:
        """Return whether a line is the closing fence."""
        indent, rest = _indentation(_unquoted(line, self._quotes)[1])
        fence = rest.rstrip()
        if indent - self._column >= _NOT_CODE or len(fence) < len(self._fence):
            return False
        return fence == self._fence[0] * len(fence)

    def add(self, line: str) -> None:
        """Add a line to the content."""
        self._lines.append(_unquoted(line, self._quotes)[1])

    def block(self, end: int, *, closed: bool) -> CodeBlock:
        """Return the block with the lines so far."""
        indent = self._indent
        if self._column:  # models often do not indent a program in a list item: then keep its indentation
            least = min((_indentation(line)[0] for line in self._lines if line.strip()), default=indent)
            indent = least if least < self._column else indent
        code = "".join(f"{_dedented(line, indent)}\n" for line in self._lines)
        return CodeBlock(info=self._info, code=code, start=self._start, end=end, closed=closed)


def _opening(line: str, items: list[int], start: int) -> _Open | None:
    """Return the block that a line opens, or None, and update the columns of the open list items."""
    quotes, line = _unquoted(line, line.count(">"))
    # A line at a smaller column ends the list items whose content begins further right.
    column, rest = _indentation(line)
    if not rest:
        return None
    while items and items[-1] > column:
        items.pop()
    for _ in range(_DEEPEST):
        item = _ITEM.match(rest)
        if item is None or column - (items[-1] if items else 0) >= _NOT_CODE:
            break
        gap, after = _indentation(rest[item.end("marker") :], column + len(item["marker"]))
        inside = column + len(item["marker"])
        items.append(gap if after and gap - inside <= _NOT_CODE else inside + 1)
        column, rest = gap, after
    match = _FENCE.match(rest)
    outer = items[-1] if items else 0
    # CommonMark: the info string of a backtick fence has no backtick, so that ```x``` stays inline code.
    if match is None or column - outer >= _NOT_CODE or (match["fence"][0] == "`" and "`" in match["info"]):
        return None
    return _Open(quotes, outer, column, match["fence"], match["info"], start)


def _unquoted(line: str, most: int) -> tuple[int, str]:
    """Remove at most `most` marks of block quotes from a line; return their number and the rest."""
    if not most:
        return 0, line
    count = place = 0
    while count < most and (match := _QUOTE.match(line, place)):
        count, place = count + 1, match.end()
    return count, line[place:]


def _indentation(line: str, column: int = 0) -> tuple[int, str]:
    """Return the column at which the text of a line begins, and the text."""
    if line[:1] not in (" ", "\t"):
        return column, line
    rest = line.lstrip(" \t")
    for character in line[: len(line) - len(rest)]:
        column += _TAB - column % _TAB if character == "\t" else 1
    return column, rest


def _dedented(line: str, columns: int) -> str:
    """Remove this many columns of white space from a line, or all of it if there is less."""
    if not columns:
        return line
    column = place = 0
    while column < columns and line[place : place + 1] in (" ", "\t"):
        column += _TAB - column % _TAB if line[place] == "\t" else 1
        place += 1
    # A tab that reaches beyond the columns to remove is replaced by the spaces that remain of it.
    return " " * max(0, column - columns) + line[place:]


def after_thinking(text: str) -> str:
    """Return what follows the last `</think>`; nothing when a thought is still open.

    A text that begins with a call has no thoughts before it: think tags in it belong to an argument.
    """
    if _ACTION_FIRST.match(text):
        return text
    # Chat templates often put `<think>` into the prompt, so the reply may hold only the closing tag.
    rest = text.rpartition("</think>")[2]
    return "" if rest.lstrip().startswith("<think>") else rest
