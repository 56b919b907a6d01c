"""Source code as pieces of text with the class of each, for a page to colour."""

from __future__ import annotations

from functools import cache
from typing import Any

from pygments.lexers import get_lexer_by_name
from pygments.token import STANDARD_TYPES

Piece = tuple[str, str]
"""A class of Pygments' style sheets, for example `k` of keywords, and the text."""
_LEXERS = {"pypy": "python", "cpp17": "cpp", "cpp23": "cpp"}
_MOST = 100_000
"""Longer texts are left without colours: lexers are slow on some."""


def highlight(source: str, language: str) -> list[Piece]:
    """Divide a source into pieces; together they are the source, character by character."""
    lexer = _lexer(_LEXERS.get(language, language)) if len(source) <= _MOST else None
    if lexer is None:
        return [("", source)]
    pieces: list[Piece] = []
    for _, kind, text in lexer.get_tokens_unprocessed(source):
        name = STANDARD_TYPES.get(kind, "")
        if pieces and pieces[-1][0] == name:
            pieces[-1] = (name, pieces[-1][1] + text)
        else:
            pieces.append((name, text))
    return pieces


@cache
def _lexer(name: str) -> Any:
    known = ("python", "c", "cpp", "java", "rust", "go", "javascript")
    return get_lexer_by_name(name) if name in known else None
