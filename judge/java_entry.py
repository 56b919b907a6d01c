"""Which class of a Java source file is to be started, and what the file must be called."""

from __future__ import annotations

import re
from dataclasses import dataclass

_NO_CODE = re.compile(
    r'//[^\n]*|/\*.*?\*/|"""(?:\\.|[^\\])*?"""|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'', re.DOTALL
)
_TYPE = re.compile(r"\b(?:class|interface|enum|record)\s+([A-Za-z_$][\w$]*)")
_MAIN = re.compile(r"\bstatic\b[^;{}()=]*\bvoid\s+main\s*\(")
_PACKAGE = re.compile(r"\s*(?:@\w+\s*)*package\s+([\w$.\s]+?)\s*;")
_PUBLIC = re.compile(r"\bpublic\b[\w\s@-]*$")


@dataclass(frozen=True, kw_only=True)
class JavaEntry:
    """What a Java source declares at its top level."""

    file_name: str
    """What javac wants the file to be called."""
    main_class: str
    """With its package."""


def find_java_entry(source: bytes) -> JavaEntry:
    """Find the first top-level type with a static `main`; failing that the public one, or the first.

    The source need not compile: then any answer serves, and the compiler says what is wrong.
    """
    text = _NO_CODE.sub(lambda match: " ", source.decode("utf-8", "replace"))
    types = _top_level_types(text)
    public = next((name for name, is_public, _ in types if is_public), None)
    first = types[0][0] if types else "Main"
    main = next((name for name, _, body in types if _MAIN.search(body)), public or first)
    package = _PACKAGE.match(text)
    prefix = "".join(package[1].split()) + "." if package else ""
    return JavaEntry(file_name=f"{public or main}.java", main_class=prefix + main)


def _top_level_types(text: str) -> list[tuple[str, bool, str]]:
    """Return (name, whether it is public, body) of each."""
    found: list[tuple[str, bool, str]] = []
    place = 0
    while match := _TYPE.search(text, place):
        opening = text.find("{", match.end())
        if opening < 0:
            break
        end = _closing(text, opening)
        head = re.split(r"[;}]", text[place : match.start()])[-1]
        found.append((match[1], bool(_PUBLIC.search(head)), text[opening:end]))
        place = end
    return found


def _closing(text: str, opening: int) -> int:
    depth = 0
    for match in re.compile(r"[{}]").finditer(text, opening):
        depth += 1 if match[0] == "{" else -1
        if not depth:
            return match.end()
    return len(text)
