"""Near-duplicates of proposals: by text, by code, and by behaviour on shared inputs.

A proposal is compared with all earlier proposals that came so far, also with those that were rejected later:
a problem that was too hard once need not be measured again.
"""

from __future__ import annotations

import ast
import hashlib
import re
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from .proposal import Form, Proposal
from .rejects import Reject

SHINGLE = 5
"""Number of words of a shingle."""
SIMILARITY = 0.95
"""Default of the Jaccard similarity of shingles from which two statements are the same. Variants of one
problem, which the stepping stones of a chain are, share most of their text."""
_BANDS, _ROWS = 16, 4
"""Rows of MinHash in bands: two texts with similarity s meet in some band with probability
1 - (1 - s^4)^16, which is above 0.999999 at 0.95."""
_WORD = re.compile(r"\w+|[^\w\s]")


def shingles(text: str, size: int = SHINGLE) -> frozenset[int]:
    """Return the hashes of all runs of `size` words of a text; a shorter text is one run."""
    words = _WORD.findall(text.lower())
    runs = [words[place : place + size] for place in range(max(1, len(words) - size + 1))]
    return frozenset(_hash(" ".join(run)) for run in runs)


def jaccard(left: Collection[int], right: Collection[int]) -> float:
    """Return the size of the intersection over that of the union; 1 for two empty sets."""
    first, second = set(left), set(right)
    return len(first & second) / len(first | second) if first | second else 1.0


class TextIndex:
    """Finds texts that are similar to a given one, by MinHash and then exactly.

    Args:
        similarity: Least Jaccard similarity of two texts that are the same, in (0, 1].
    """

    def __init__(self, similarity: float = SIMILARITY) -> None:
        if not 0 < similarity <= 1:
            raise ValueError(f"similarity must be in (0, 1], got {similarity!r}")
        self._similarity = similarity
        self._texts: dict[str, frozenset[int]] = {}
        self._buckets: defaultdict[tuple[int, tuple[int, ...]], list[str]] = defaultdict(list)

    def find(self, text: str) -> str | None:
        """Return the name of a text that is similar enough; of several, the first that was added."""
        mine = shingles(text)
        near = {name for key in _bands(mine) for name in self._buckets.get(key, ())}
        matches = (name for name in self._texts if name in near)
        return next((name for name in matches if jaccard(mine, self._texts[name]) >= self._similarity), None)

    def add(self, name: str, text: str) -> None:
        """Remember a text."""
        mine = self._texts[name] = shingles(text)
        for key in _bands(mine):
            self._buckets[key].append(name)


def _bands(hashes: frozenset[int]) -> list[tuple[int, tuple[int, ...]]]:
    rows = [min(_mixed(value, row) for value in hashes) for row in range(_BANDS * _ROWS)]
    return [(band, tuple(rows[band * _ROWS : (band + 1) * _ROWS])) for band in range(_BANDS)]


def _mixed(value: int, row: int) -> int:
    """Return another hash of a hash for each row: a multiplication by an odd number, modulo 2^64."""
    return ((value ^ (row * 0x9E3779B97F4A7C15)) * (0xD6E8FEB86659FD93 + 2 * row)) & 0xFFFFFFFFFFFFFFFF


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")


def normalised_code(code: str) -> str:
    """Return the digest of a program's syntax tree without docstrings, and with names numbered.

    Names that the program binds are numbered in the order in which the tree has them. Other names, such as
    those of built-ins, keep their text, as `min` and `max` are different programs.

    Raises:
        SyntaxError: The code is no Python.
    """
    tree = ast.parse(code)
    bound = _bound_names(tree)
    numbers: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            _drop_docstring(node)
        for name in ("id", "arg", "name"):
            value = getattr(node, name, None)
            if isinstance(value, str) and value in bound:
                setattr(node, name, numbers.setdefault(value, f"n{len(numbers)}"))
        if isinstance(node, ast.arg | ast.FunctionDef | ast.AnnAssign):
            _drop_annotation(node)
    return hashlib.sha256(ast.dump(tree, annotate_fields=False).encode()).hexdigest()


def _bound_names(tree: ast.Module) -> set[str]:
    """Return the names that a program assigns, defines or takes as parameters."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        elif isinstance(node, ast.arg):
            found.add(node.arg)
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
    return found


def _drop_docstring(node: ast.Module | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> None:
    first = node.body[0] if node.body else None
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and len(node.body) > 1:
        del node.body[0]


def _drop_annotation(node: ast.arg | ast.FunctionDef | ast.AnnAssign) -> None:
    if isinstance(node, ast.arg):
        node.annotation = None
    elif isinstance(node, ast.FunctionDef):
        node.returns = None


def shape_of(proposal: Proposal) -> str:
    """Return which proposals take the same inputs: the types of the arguments, or the form of the lines.

    Proposals of one shape share the inputs on which their behaviour is compared.
    """
    first = proposal.inputs[0]
    if proposal.form is Form.FUNCTION:
        return f"function {' '.join(map(_type, first))}"
    lines = str(first).split("\n")
    return f"program {' '.join(_word_type(word) for word in lines[0].split()[:8])}"


def _type(value: Any) -> str:
    if isinstance(value, list):
        return f"[{_type(value[0]) if value else ''}]"
    return type(value).__name__


def _word_type(word: str) -> str:
    return "int" if word.lstrip("-").isdecimal() else "word"


@dataclass(kw_only=True)
class _Shape:
    """The inputs that proposals of a shape share, and who answers them how."""

    inputs: tuple[Any, ...]
    names: dict[tuple[str, ...], str] = field(default_factory=dict)


class DuplicateIndex:
    """Recognises proposals that came before.

    Args:
        similarity: Least similarity of two statements that are the same.
    """

    def __init__(self, similarity: float = SIMILARITY) -> None:
        self._texts = TextIndex(similarity)
        self._codes: dict[str, str] = {}
        self._shapes: dict[str, _Shape] = {}

    def find_static(self, proposal: Proposal) -> tuple[Reject, str] | None:
        """Return why a proposal is a duplicate by text or code, and of which; None if it is neither."""
        if name := self._codes.get(normalised_code(proposal.code)):
            return Reject.DUPLICATE_CODE, name
        if name := self._texts.find(_text_of(proposal)):
            return Reject.DUPLICATE_TEXT, name
        return None

    def shared_inputs(self, proposal: Proposal) -> tuple[Any, ...]:
        """Return the inputs of the first proposal of this shape, on which behaviour is compared."""
        shape = self._shapes.get(shape_of(proposal))
        return proposal.inputs if shape is None else shape.inputs

    def find_behaviour(self, proposal: Proposal, outputs: Sequence[str | None]) -> tuple[Reject, str] | None:
        """Return why a proposal is a duplicate by behaviour, and of which; None if it is not.

        Args:
            proposal: The proposal.
            outputs: Its outputs on `shared_inputs`; None for an input on which it fails. Proposals that fail
                on half of the inputs or more are not compared: they read other inputs.
        """
        shape = self._shapes.get(shape_of(proposal))
        name = shape.names.get(_key(outputs)) if shape and _comparable(outputs) else None
        return None if name is None else (Reject.DUPLICATE_BEHAVIOUR, name)

    def add(self, name: str, proposal: Proposal, outputs: Sequence[str | None]) -> None:
        """Remember a proposal, with its outputs on `shared_inputs`."""
        self._codes.setdefault(normalised_code(proposal.code), name)
        self._texts.add(name, _text_of(proposal))
        shape = self._shapes.setdefault(shape_of(proposal), _Shape(inputs=proposal.inputs))
        if _comparable(outputs):
            shape.names.setdefault(_key(outputs), name)


def _comparable(outputs: Sequence[str | None]) -> bool:
    return 2 * sum(output is None for output in outputs) < len(outputs)


def _key(outputs: Sequence[str | None]) -> tuple[str, ...]:
    return tuple("error" if output is None else f"value {output}" for output in outputs)


def _text_of(proposal: Proposal) -> str:
    return f"{proposal.title}\n{proposal.statement}"
