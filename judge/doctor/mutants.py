"""Wrong answers made from right ones: what a checker has to refuse."""

from __future__ import annotations

import re
from collections.abc import Iterator

_NUMBER = re.compile(rb"-?\d+(\.\d+)?")
GARBAGE = b"\xff\xfe not an answer \xc3\x28\n"
"""No UTF-8, and of no problem's format."""


def mutants(answer: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield names and texts that differ from an answer in one respect each, none of them in white space only.

    An answer without tokens yields only what is added to it.
    """
    tokens = [(match.start(), match.end()) for match in re.finditer(rb"\S+", answer)]
    if tokens:
        yield "nothing", b""
        start, end = tokens[-1]
        yield "last token missing", answer[:start] + answer[end:]
        yield "last token changed", answer[:start] + _changed(answer[start:end]) + answer[end:]
        start, end = tokens[len(tokens) // 2]
        yield "middle token changed", answer[:start] + _changed(answer[start:end]) + answer[end:]
    yield "a token more", answer.rstrip() + b" 7\n"
    yield "garbage", GARBAGE


def json_mutants() -> Iterator[tuple[str, bytes]]:
    """Yield what a method may return instead of any answer."""
    yield "a value of our own", b'{"not": "an answer"}'
    yield "no value", b""


def _changed(token: bytes) -> bytes:
    """Change a token by more than any tolerance allows."""
    if _NUMBER.fullmatch(token):
        whole, _, rest = token.partition(b".")
        return b"%d" % (2 * int(whole[:4000]) + 1_000_003) + (b"." + rest if rest else b"")
    return token[:-1] + (b"q" if token[-1:] not in b"qQ" else b"z") if len(token) > 1 else token + b"q"
