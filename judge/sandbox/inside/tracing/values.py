"""How the recorder shows values: as text of bounded length, without running code of the program."""

import collections
import itertools
import types
from typing import Any

DEPTH_SHOWN = 5
DEPTH_IN_SETS = 2
ORDERED = (int, str, bytes, float, bool)
"""Types whose hash depends on the value alone."""
HEAP_TYPE = 1 << 9
"""Flag of classes that are not built in."""
CUT = "<cut>"
EXACT = (bool, int, float, complex, str, bytes, type(None))
NAME_OF: Any = type.__dict__["__name__"]
DICT_OF: Any = type.__dict__["__dict__"]
FLAGS_OF: Any = type.__dict__["__flags__"]
MRO_OF: Any = type.__dict__["__mro__"]
ARGS_OF: Any = BaseException.__dict__["args"]
BRACKETS: dict[type, tuple[str, str]] = {list: ("[", "]"), tuple: ("(", ")"), set: ("{", "}")}


class TooLongError(Exception):
    """A value is longer than what is shown."""


class Shower:
    """Writes values as text of bounded length, without running code of the program.

    Args:
        limit: Most characters of a value.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.parts: list[str] = []
        self.left = 0

    def show(self, value: Any, depth: int = DEPTH_SHOWN) -> str:
        """Return the text of a value, nested at most `depth` deep; one that is cut ends with `<cut>`."""
        if type(value) is int and -(10**15) < value < 10**15:
            return int.__repr__(value)
        self.parts, self.left = [], self.limit
        try:
            self.value(value, depth)
        except (TooLongError, RecursionError, MemoryError, RuntimeError):
            return "".join(self.parts)[: self.limit] + CUT
        return "".join(self.parts)

    def add(self, text: str) -> None:
        """Append a text."""
        self.parts.append(text)
        self.left -= len(text)
        if self.left < 0:
            raise TooLongError

    def value(self, value: Any, depth: int) -> None:
        """Append a value."""
        kind = type(value)
        if kind in EXACT:
            self.add(self.atom(value, kind))
        elif depth == 0:
            raise TooLongError
        elif kind in (list, tuple, set, frozenset, dict):
            self.container(value, kind, depth)
        elif issubclass(kind, BaseException):
            self.call(kind, [(None, each) for each in ARGS_OF.__get__(value)], depth)
        else:
            self.other(value, kind, depth)

    def atom(self, value: Any, kind: type) -> str:
        """Return the text of a number or a string."""
        if kind is int and value.bit_length() > 4 * self.limit:
            return f"<int of {value.bit_length()} bits>"
        if kind in (str, bytes) and len(value) > self.limit:
            self.add(repr(value[: self.limit]))
            raise TooLongError
        return repr(value)

    def container(self, value: Any, kind: Any, depth: int) -> None:
        """Append a list, tuple, set, frozen set or dictionary, as `repr` does."""
        if kind is dict:
            self.add("{")
            for place, (key, each) in enumerate(dict.items(value)):
                self.add(", " if place else "")
                self.value(key, depth - 1)
                self.add(": ")
                self.value(each, depth - 1)
            self.add("}")
        elif kind in (set, frozenset):
            self.set(value, kind, depth)
        else:
            opening, closing = BRACKETS[kind]
            self.add(opening)
            self.items(kind.__iter__(value), depth)
            self.add(",)" if kind is tuple and tuple.__len__(value) == 1 else closing)

    def set(self, value: Any, kind: Any, depth: int) -> None:
        """Append a set; elements whose hash is an address have no fixed order: they are sorted by text."""
        if not kind.__len__(value):
            self.add(f"{kind.__name__}()")
            return
        self.add("{" if kind is set else "frozenset({")
        if all(has_fixed_hash(each) for each in kind.__iter__(value)):
            self.items(kind.__iter__(value), depth)
        else:
            # All elements are shown, however short the text may be, so they are not shown deeply.
            inner = min(depth - 1, DEPTH_IN_SETS)
            texts = sorted(Shower(self.limit).show(each, inner) for each in kind.__iter__(value))
            self.add(", ".join(texts))
        self.add("}" if kind is set else "})")

    def items(self, values: Any, depth: int) -> None:
        """Append values with commas in between."""
        for place, each in enumerate(values):
            self.add(", " if place else "")
            self.value(each, depth - 1)

    def other(self, value: Any, kind: type, depth: int) -> None:
        """Append an object of another class: its contents if it is a container, and its attributes."""
        name = NAME_OF.__get__(kind)
        if issubclass(kind, type):
            self.add(f"<class {NAME_OF.__get__(value)!r}>")
        elif kind in (types.FunctionType, types.BuiltinFunctionType, types.ModuleType):
            self.add(f"<{name} {value.__name__}>" if kind is not types.ModuleType else "<module>")
        elif kind is range:
            self.add(repr(value))
        elif kind is collections.defaultdict:
            self.add("defaultdict(")
            self.value(value.default_factory, depth - 1)
            self.add(", ")
            self.container(value, dict, depth)
            self.add(")")
        elif kind is collections.deque:
            self.call(kind, [(None, list(itertools.islice(value.copy(), self.limit)))], depth)
        elif issubclass(kind, (list, tuple, set, frozenset, dict)):
            # The methods of the built-in type, not those of the class.
            base: Any = next(each for each in (list, tuple, set, frozenset, dict) if issubclass(kind, each))
            self.add(f"{name}(")
            self.container(value, base, depth)
            self.add(")")
        elif issubclass(kind, (int, float, complex, str, bytes)):
            base = next(each for each in (int, float, complex, str, bytes) if issubclass(kind, each))
            plain = base.__getnewargs__(value)
            self.call(kind, [(None, plain[0] if base is not complex else complex(*plain))], depth)
        else:
            self.instance(value, kind, name, depth)

    def instance(self, value: Any, kind: type, name: str, depth: int) -> None:
        """Append an object of the program with its attributes; others as `<NAME object>`."""
        pairs: list[tuple[str, object]] = []
        known = False
        for base in MRO_OF.__get__(kind):
            for key, each in DICT_OF.__get__(base).items():
                # Only descriptors of the interpreter are asked: a property would run code of the program.
                if key == "__dict__" and type(each) is types.GetSetDescriptorType:
                    pairs += attributes_of(each, value)
                    known = True
                elif type(each) is types.MemberDescriptorType and FLAGS_OF.__get__(base) & HEAP_TYPE:
                    pairs += slot_of(key, each, value)
                    known = True
        if known:
            self.call(kind, pairs, depth)
        else:
            self.add(f"<{name} object>")

    def call(self, kind: type, pairs: Any, depth: int) -> None:
        """Append a class with its arguments."""
        self.add(f"{NAME_OF.__get__(kind)}(")
        for place, (name, each) in enumerate(pairs):
            self.add(", " if place else "")
            if name is not None:
                self.add(f"{name}=")
            self.value(each, depth - 1)
        self.add(")")


def has_fixed_hash(value: Any) -> bool:
    """Whether the hash of a value, and so its place in a set, depends on the value alone."""
    if type(value) is tuple:
        return all(type(each) in ORDERED for each in tuple.__iter__(value))
    return type(value) in ORDERED


def attributes_of(descriptor: Any, value: object) -> list[tuple[str, object]]:
    """Return the attributes in the dictionary of an object."""
    found = descriptor.__get__(value)
    return (
        [(name, each) for name, each in dict.items(found) if type(name) is str] if type(found) is dict else []
    )


def slot_of(name: str, descriptor: Any, value: object) -> list[tuple[str, object]]:
    """Return the attribute in a slot of an object, if it is set."""
    try:
        return [(name, descriptor.__get__(value))]
    except AttributeError:
        return []
