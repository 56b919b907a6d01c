"""Translate Python programs that use what the micro families use: numbers, lists, dictionaries, sets, loops.

The labels of candidates come from the judge and never from the translation, so a program that behaves
otherwise than its source is a candidate like any other.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Final

from .dialects import LANGUAGES, Dialect, Kind

_INDENT: Final = "    "
_END: Final = str(2**40)
"""End of a slice without one."""
_SYMBOLS: Final[dict[type[ast.AST], str]] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.BitXor: "^",
    ast.BitOr: "|",
    ast.BitAnd: "&",
    ast.And: "&&",
    ast.Or: "||",
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
}
_ONE: Final = (Kind.NUMBER,)
_LIST: Final = (Kind.NUMBERS,)
_ANY: Final = (Kind.NUMBERS, Kind.COUNTS, Kind.TABLE, Kind.SET)
_BISECTED: Final = (_LIST, _ONE)
_FUNCTIONS: Final[dict[tuple[str, int], tuple[str, tuple[tuple[Kind, ...], ...], Kind]]] = {
    ("len", 1): ("length", (_ANY,), Kind.NUMBER),
    ("min", 1): ("smallest", (_LIST,), Kind.NUMBER),
    ("max", 1): ("largest", (_LIST,), Kind.NUMBER),
    ("sum", 1): ("sum", (_LIST,), Kind.NUMBER),
    ("abs", 1): ("abs", (_ONE,), Kind.NUMBER),
    ("min", 2): ("min", (_ONE, _ONE), Kind.NUMBER),
    ("max", 2): ("max", (_ONE, _ONE), Kind.NUMBER),
    ("set", 1): ("distinct", (_LIST,), Kind.SET),
    ("bisect_left", 2): ("bisect_left", _BISECTED, Kind.NUMBER),
    ("bisect_right", 2): ("bisect_right", _BISECTED, Kind.NUMBER),
    ("bisect_left", 4): ("bisect_left within", (*_BISECTED, _ONE, _ONE), Kind.NUMBER),
    ("bisect_right", 4): ("bisect_right within", (*_BISECTED, _ONE, _ONE), Kind.NUMBER),
}
"""By name and number of operands: the template, the kinds of each operand, and the kind of the result."""
_ACTIONS: Final[dict[str, tuple[str, tuple[tuple[Kind, ...], ...]]]] = {
    "print": ("print", (_ONE,)),
    "insort": ("insert", (_LIST, _ONE)),
    "append": ("append", (_LIST, _ONE)),
    "sort": ("sort", (_LIST,)),
    "add": ("add", ((Kind.SET,), _ONE)),
}
"""Calls that are statements; the owner of a method is its first operand."""
_WHOLE: Final = {
    "int(input())": ("read one", Kind.NUMBER),
    "list(map(int, input().split()))": ("read all", Kind.NUMBERS),
}
_EMPTY: Final = {
    "[]": Kind.NUMBERS,
    "{}": Kind.TABLE,
    "set()": Kind.SET,
    "defaultdict(int)": Kind.COUNTS,
}


class _UntranslatableError(Exception):
    """The program has something that is not translated."""


def translate(source: str, language: str) -> str | None:
    """Return a Python program in another language.

    Args:
        source: A program from standard input to standard output.
        language: One of `LANGUAGES`.

    Returns:
        The program; None if it has something that is not translated.

    Raises:
        ValueError: The language is unknown.
        SyntaxError: The source is no Python.
    """
    if language not in LANGUAGES:
        raise ValueError(f"programs are translated to {', '.join(LANGUAGES)}, got {language!r}")
    translator = _Translator(LANGUAGES[language])
    try:
        translator.block(ast.parse(source).body)
    except _UntranslatableError:
        return None
    return translator.program()


@dataclass(frozen=True)
class _Value:
    code: str
    kind: Kind
    simple: bool = True
    """Whether the code needs no brackets as an operand."""
    bitwise: bool = False
    """Whether the code binds less tightly than a comparison."""

    @property
    def operand(self) -> str:
        return self.code if self.simple else f"({self.code})"

    @property
    def compared(self) -> str:
        return f"({self.code})" if self.bitwise else self.code


@dataclass
class _Translator:
    dialect: Dialect
    lines: list[str] = field(default_factory=list)
    scopes: list[dict[str, Kind]] = field(default_factory=lambda: [{}])
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def program(self) -> str:
        """Return the whole program, with the helpers that it calls."""
        body = "\n".join(self.lines)
        helpers = self.dialect.helpers
        called = [name for name in helpers if re.search(rf"(?<![\w.]){name}\(", body)]
        # No helper calls another.
        parts = [self.dialect.head, *("\n".join((helpers[name], "")) for name in called)]
        return "\n".join((*parts, self.dialect.main, body, *self.dialect.tail)) + "\n"

    def _write(self, line: str) -> None:
        depth = self.dialect.indent + len(self.scopes) - 1
        self.lines.append(_INDENT * depth + line)

    def _form(self, name: str, *operands: str) -> str:
        return self.dialect.templates[name].format(*operands)

    @contextmanager
    def _inside(self, head: str, **names: Kind) -> Iterator[None]:
        self._write(head)
        self.scopes.append(dict(names))
        yield
        self.scopes.pop()
        self._write("}")

    def _visible(self, name: str) -> Kind | None:
        return next((scope[name] for scope in reversed(self.scopes) if name in scope), None)

    # Statements

    def block(self, statements: list[ast.stmt]) -> None:
        """Write statements."""
        for statement in statements:
            self._statement(statement)

    def _statement(self, node: ast.stmt) -> None:
        match node:
            case ast.ImportFrom():
                pass
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.ListComp() as value):
                self._replace(name, value)
            case ast.Assign(targets=[ast.Name(id=name)]):
                self._assign(name, self._value(node.value))
            case ast.Assign(targets=[ast.Subscript() as target]):
                self._put(target, self._number(node.value).code)
            case ast.AugAssign():
                self._change(node)
            case ast.For() | ast.While() | ast.If():
                self._compound(node)
            case ast.Delete(targets=[ast.Subscript(value=owner, slice=key)]):
                table = self._of(owner, Kind.TABLE, Kind.COUNTS)
                self._write(self._form("remove", table.code, self._number(key).code))
            case ast.Expr(value=ast.Call() as call):
                self._call_statement(call)
            case _:
                raise _UntranslatableError

    def _change(self, node: ast.AugAssign) -> None:
        target = _loaded(node.target)
        match node:
            case ast.AugAssign(target=ast.Name(id=name), op=ast.Add() | ast.Sub() as op):
                self._write(
                    f"{self._number(target).code} {_SYMBOLS[type(op)]}= {self._number(node.value).code};"
                )
            case ast.AugAssign(target=ast.Name(id=name)):
                self._assign(name, self._binary(target, node.op, node.value))
            case ast.AugAssign(target=ast.Subscript() as entry):
                self._put(entry, self._binary(target, node.op, node.value).code)
            case _:
                raise _UntranslatableError

    def _compound(self, node: ast.stmt) -> None:
        match node:
            case ast.For(target=ast.Name(id=name), orelse=[]):
                name = f"turn{next(self.numbers)}" if name == "_" else name
                with self._inside(self._loop(name, node.iter), **{name: Kind.NUMBER}):
                    self.block(node.body)
            case ast.While(orelse=[]):
                with self._inside(f"while ({self._condition(node.test)}) {{"):
                    self.block(node.body)
            case ast.If():
                with self._inside(f"if ({self._condition(node.test)}) {{"):
                    self.block(node.body)
                if node.orelse:
                    self.lines.pop()
                    with self._inside("} else {"):
                        self.block(node.orelse)
            case _:
                raise _UntranslatableError

    def _assign(self, name: str, value: _Value) -> None:
        known = self._visible(name)
        if known is None:
            self.scopes[-1][name] = value.kind
            self._write(f"{self.dialect.types[value.kind]} {name} = {value.code};")
        elif known is value.kind:
            self._write(f"{name} = {value.code};")
        else:
            raise _UntranslatableError

    def _put(self, target: ast.Subscript, value: str) -> None:
        owner = self._value(target.value)
        forms = {Kind.NUMBERS: "put", Kind.COUNTS: "put count", Kind.TABLE: "put entry"}
        if owner.kind not in forms:
            raise _UntranslatableError
        self._write(self._form(forms[owner.kind], owner.code, self._number(target.slice).code, value))

    def _replace(self, name: str, node: ast.ListComp) -> None:
        """Write a list comprehension as a loop."""
        match node.generators:
            case [ast.comprehension(target=ast.Name(id=each), iter=source, ifs=[])]:
                pass
            case _:
                raise _UntranslatableError
        fresh = name if self._visible(name) is None else f"{name}{next(self.numbers)}"
        loop = self._loop(each, source)
        self._assign(fresh, _Value(self.dialect.empty[Kind.NUMBERS], Kind.NUMBERS))
        with self._inside(loop, **{each: Kind.NUMBER}):
            self._write(self._form("append", fresh, self._number(node.elt).code))
        if fresh != name:
            self._assign(name, _Value(fresh, Kind.NUMBERS))

    def _loop(self, name: str, source: ast.expr) -> str:
        match source:
            case ast.Call(func=ast.Name(id="range"), args=[stop]):
                first, last, step = "0", self._number(stop), 1
            case ast.Call(func=ast.Name(id="range"), args=[start, stop]):
                first, last, step = self._number(start).code, self._number(stop), 1
            case ast.Call(
                func=ast.Name(id="range"),
                args=[start, stop, ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=1))],
            ):
                first, last, step = self._number(start).code, self._number(stop), -1
            case _:
                return self.dialect.each.format(name, self._of(source, Kind.NUMBERS).code)
        end = last.compared
        if isinstance(stop, ast.Call):
            end = f"last{next(self.numbers)}"
            self._write(f"{self.dialect.number} {end} = {last.code};")
        sign, change = ("<", "++") if step > 0 else (">", "--")
        return f"for ({self.dialect.number} {name} = {first}; {name} {sign} {end}; {name}{change}) {{"

    def _call_statement(self, node: ast.Call) -> None:
        match node:
            case ast.Call(func=ast.Attribute(attr="pop")):
                self._write(f"{self._value(node).code};")
                return
            case ast.Call(func=ast.Name(id=name)):
                given = node.args
            case ast.Call(func=ast.Attribute(value=owner, attr=name)):
                given = [owner, *node.args]
            case _:
                raise _UntranslatableError
        if name not in _ACTIONS or len(given) != len(_ACTIONS[name][1]):
            raise _UntranslatableError
        form, kinds = _ACTIONS[name]
        operands = [self._of(each, *allowed) for each, allowed in zip(given, kinds, strict=True)]
        # The operator << of C++ binds more tightly than bitwise operators.
        codes = [each.compared if name == "print" else each.code for each in operands]
        self._write(self._form(form, *codes))

    # Expressions

    def _number(self, node: ast.expr) -> _Value:
        return self._of(node, Kind.NUMBER)

    def _of(self, node: ast.expr, *kinds: Kind) -> _Value:
        value = self._value(node)
        if value.kind not in kinds:
            raise _UntranslatableError
        return value

    def _value(self, node: ast.expr) -> _Value:
        if kind := _EMPTY.get(ast.unparse(node)):
            return _Value(self.dialect.empty[kind], kind)
        match node:
            case ast.Name(id=name):
                return self._variable(name)
            case ast.Constant(value=int(value)) if not isinstance(value, bool) and value < 2**63:
                return _Value(f"{value}L" if value >= 2**31 else str(value), Kind.NUMBER)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return _Value(f"-{self._number(operand).operand}", Kind.NUMBER, simple=False)
            case ast.BinOp(left=left, op=op, right=right):
                return self._binary(left, op, right)
            case ast.Subscript():
                return self._subscript(node)
            case ast.List(elts=elements):
                items = [self.dialect.item.format(self._number(each).code) for each in elements]
                return _Value(self._form("list", ", ".join(items)), Kind.NUMBERS)
            case ast.Call():
                return self._call(node)
            case _:
                raise _UntranslatableError

    def _variable(self, name: str) -> _Value:
        kind = self._visible(name)
        if kind is None:
            raise _UntranslatableError
        return _Value(name, kind)

    def _binary(self, left: ast.expr, op: ast.operator, right: ast.expr) -> _Value:
        one, other = self._number(left), self._number(right)
        if isinstance(op, ast.FloorDiv | ast.Mod):
            form = "floor" if isinstance(op, ast.FloorDiv) else "mod"
            return _Value(self._form(form, one.code, other.code), Kind.NUMBER)
        if type(op) not in _SYMBOLS:
            raise _UntranslatableError
        code = f"{one.operand} {_SYMBOLS[type(op)]} {other.operand}"
        bitwise = isinstance(op, ast.BitXor | ast.BitOr | ast.BitAnd)
        return _Value(code, Kind.NUMBER, simple=False, bitwise=bitwise)

    def _subscript(self, node: ast.Subscript) -> _Value:
        owner = self._value(node.value)
        if isinstance(node.slice, ast.Slice):
            if owner.kind is not Kind.NUMBERS:
                raise _UntranslatableError
            return _Value(self._form("slice", owner.code, *self._bounds(node.slice)), Kind.NUMBERS)
        forms = {Kind.NUMBERS: "at", Kind.COUNTS: "count", Kind.TABLE: "entry"}
        if owner.kind not in forms:
            raise _UntranslatableError
        return _Value(self._form(forms[owner.kind], owner.code, self._number(node.slice).code), Kind.NUMBER)

    def _bounds(self, node: ast.Slice) -> tuple[str, str, str]:
        first = self._number(node.lower).code if node.lower else "0"
        end = self._number(node.upper).code if node.upper else f"{_END}L"
        step = self._number(node.step).code if node.step else "1"
        if step.startswith("-"):
            raise _UntranslatableError
        return first, end, step

    def _call(self, node: ast.Call) -> _Value:
        if known := _WHOLE.get(ast.unparse(node)):
            return _Value(self._form(known[0]), known[1])
        match node:
            case ast.Call(func=ast.Attribute(value=owner, attr="pop"), args=[] | [_] as given):
                place = self._number(given[0]).code if given else "-1"
                return _Value(self._form("pop", self._of(owner, Kind.NUMBERS).code, place), Kind.NUMBER)
            case ast.Call(func=ast.Name(id=name), args=given) if (name, len(given)) in _FUNCTIONS:
                form, kinds, result = _FUNCTIONS[name, len(given)]
                operands = [self._of(each, *allowed) for each, allowed in zip(given, kinds, strict=True)]
                return _Value(self._form(form, *(each.code for each in operands)), result)
            case _:
                raise _UntranslatableError

    def _condition(self, node: ast.expr) -> str:
        match node:
            case ast.BoolOp(op=op, values=values):
                parts = [self._condition(each) for each in values]
                parts = [f"({part})" if " && " in part or " || " in part else part for part in parts]
                return f" {_SYMBOLS[type(op)]} ".join(parts)
            case ast.Compare(left=left, ops=[ast.In()], comparators=[owner]):
                table = self._of(owner, Kind.COUNTS, Kind.TABLE)
                return self._form("has", table.code, self._number(left).code)
            case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _SYMBOLS:
                sides = self._number(left), self._number(right)
                return f"{sides[0].compared} {_SYMBOLS[type(op)]} {sides[1].compared}"
            case ast.Name():
                return self._form("some", self._of(node, Kind.NUMBERS, Kind.COUNTS, Kind.SET).code)
            case _:
                raise _UntranslatableError


def _loaded(node: ast.expr) -> ast.expr:
    """Return the expression that reads what a target is written to."""
    return ast.parse(ast.unparse(node), mode="eval").body
