"""The text of a reply in pieces, while its tokens are sampled."""

from __future__ import annotations

from collections.abc import Callable, Sequence

HALF = "\ufffd"
"""What a tokenizer writes for the bytes of a character that is not complete."""


class TextStream:
    """Turns tokens into pieces of text, which together are the text of the whole reply.

    A piece never ends inside a character, and never holds a part of a stop text or of what may become
    one. Where `holds` are given, everything from the first of these texts on waits for the end of the
    reply, and so does white space before it.

    Args:
        decode: Function that returns the text of tokens.
        stops: Texts that end the reply and do not belong to it.
        holds: Texts after which it is only known at the end what belongs to the content.
    """

    def __init__(
        self, decode: Callable[[Sequence[int]], str], *, stops: Sequence[str] = (), holds: Sequence[str] = ()
    ) -> None:
        self._decode = decode
        self._stops = tuple(stops)
        self._holds = tuple(holds)
        self._longest = max(map(len, (*stops, *holds)), default=0)
        self._ids: list[int] = []
        self._start = self._read = 0
        """Places among the tokens at which characters end: all text before `_read` is in `_text`."""
        self._text = ""
        self._searched = 0
        self._end: int | None = None
        """Offset from which on the text waits for the end of the reply."""
        self._sent = 0

    def push(self, token: int) -> str:
        """Take the next token and return the text that is now certain, often none."""
        self._ids.append(token)
        before = self._decode(self._ids[self._start : self._read])
        text = self._decode(self._ids[self._start :])
        if len(text) <= len(before) or text.endswith(HALF):
            return ""
        self._start, self._read = self._read, len(self._ids)
        self._text += text[len(before) :]
        if self._end is None:
            self._end = self._first((*self._stops, *self._holds))
        ready = len(self._text) if self._end is None else self._end
        if self._end is None:
            ready = min(self._held(self._stops), self._held(self._holds))
        if self._holds:
            ready = len(self._text[:ready].rstrip())
        piece = self._text[self._sent : ready]
        self._sent = max(self._sent, ready)
        return piece

    def finish(self, content: str) -> str:
        """Return the rest of the content of the whole reply.

        Raises:
            ValueError: The content does not begin with the pieces so far.
        """
        if not content.startswith(self._text[: self._sent]):
            raise ValueError("the tokenizer gives single tokens another text than the whole reply")
        return content[self._sent :]

    def _first(self, texts: Sequence[str]) -> int | None:
        """Return the offset of the first of these texts in what was not searched yet."""
        begin = max(0, self._searched - self._longest + 1)
        self._searched = len(self._text)
        found = [at for text in texts if (at := self._text.find(text, begin)) >= 0]
        return min(found) if found else None

    def _held(self, texts: Sequence[str]) -> int:
        """Return the offset from which on the text may be the beginning of one of these texts."""
        for length in range(min(self._longest - 1, len(self._text)), 0, -1):
            if any(text.startswith(self._text[-length:]) for text in texts):
                return len(self._text) - length
        return len(self._text)
