"""What the pages point at: links, anchors, files of the repository, names of the package, commands."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import MISSING, fields, is_dataclass
from pathlib import Path
from typing import Any, get_type_hints

import pytest

from codefrontier.subcommands import SUBCOMMANDS
from codefrontier.training.command import FineTuneCommand

ROOT = Path(__file__).parents[2]
PAGES = sorted((ROOT / "docs").rglob("*.md"))
LINK = re.compile(r"\]\((?!https?:)(?P<page>[^)#\s]*)(?:#(?P<anchor>[^)\s]+))?\)")
HEADING = re.compile(r"^#{1,4} (.+)$", re.MULTILINE)
FENCED = re.compile(r"^(```+)\w*\n.*?^\1$", re.DOTALL | re.MULTILINE)
FOLDERS = "agents benchmarks docs envs judge merging problems system terminal tests tools training"
FILE = re.compile(rf"(?<![\w/.<>-])(?:{'|'.join(FOLDERS.split())})/[\w./*+-]+")
NAME = re.compile(r"\bcodefrontier(?:\.\w+)+")
CODE = re.compile(r"^(```+)\w*\n(.*?)^\1$|`([^`\n]+)`", re.DOTALL | re.MULTILINE)
COMMAND = re.compile(r"^(?:\$ )?codefrontier (?P<words>[a-z](?:\\\n|[^\n|#])*)", re.MULTILINE)

FIELD = re.compile(r"^    (\w+): ", re.MULTILINE)
IMPORT_TORCH = {"lab"}
"""Commands whose flags are read from the text of their module: importing them takes seconds."""


def ident(path: Path) -> str:
    return path.relative_to(ROOT / "docs").as_posix()


def anchors_of(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as code hosts and MyST make them."""
    headings = HEADING.findall(FENCED.sub("", page.read_text()))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=ident)
def test_every_link_leads_somewhere(page: Path) -> None:
    for link in LINK.finditer(FENCED.sub("", page.read_text())):
        target = (page.parent / link["page"]).resolve() if link["page"] else page
        assert target.is_file(), link[0]
        assert not link["anchor"] or link["anchor"] in anchors_of(target), link[0]


@pytest.mark.parametrize("page", PAGES, ids=ident)
def test_every_file_of_the_repository_that_a_page_names_is_there(page: Path) -> None:
    named = {found.rstrip("./*") for found in FILE.findall(page.read_text())}
    assert [name for name in named if not any(ROOT.glob(name))] == []


@pytest.mark.parametrize("page", PAGES, ids=ident)
def test_every_name_of_the_package_that_a_page_gives_is_there(page: Path) -> None:
    missing = [name for name in set(NAME.findall(page.read_text())) if not is_defined(name)]
    assert missing == []


def is_defined(name: str) -> bool:
    """Tell whether a dotted name is a module, or is in the text of its module: some need other libraries."""
    parts = name.split(".")[1:]
    module, inner = ROOT.joinpath(*parts[:-1]), parts[-1]
    if (module / inner).is_dir() or (module / f"{inner}.py").is_file():
        return True
    source = module / "__init__.py" if module.is_dir() else module.with_suffix(".py")
    return source.is_file() and re.search(rf"\b{inner}\b", source.read_text()) is not None


@pytest.mark.parametrize("page", PAGES, ids=ident)
def test_every_command_that_a_page_shows_has_these_flags(page: Path) -> None:
    code = "\n".join(block or span for _, block, span in CODE.findall(page.read_text()))
    for found in COMMAND.finditer(code):
        words = shlex.split(found["words"].replace("\\\n", " "))
        pair = " ".join(words[:2])
        name = pair if pair in SUBCOMMANDS else words[0]
        assert name in SUBCOMMANDS, found[0]
        # After a dot is a field of what the flag names, as in `--curriculum.length`.
        flags = {re.split(r"[=\[.]", word)[0] for word in words if word.startswith("--")}
        assert flags <= {"--help", "--version"} | set(flags_of(name)), found[0]


def flags_of(name: str) -> Iterator[str]:
    """Yield the flags of a command, those of its groups of options included."""
    if name in IMPORT_TORCH:
        source = ROOT.joinpath(*SUBCOMMANDS[name].module.strip(".").split(".")).with_suffix(".py")
        yield from (f"--{field.replace('_', '-')}" for field in FIELD.findall(source.read_text()))
    else:
        yield from _flags(SUBCOMMANDS[name].load())
    if name == "train sft":  # its other form, for an existing checkpoint
        yield from _flags(FineTuneCommand)


def _flags(kind: type[Any]) -> Iterator[str]:
    types = get_type_hints(kind, include_extras=True)
    for entry in fields(kind):
        # A name that is a word of Python, such as `from`, is given to tyro beside the type.
        notes = getattr(types[entry.name], "__metadata__", ())
        given = [note.name for note in notes if getattr(note, "name", None)]
        flag = given[0] if given else entry.name.replace("_", "-")
        yield f"--{flag}"
        yield f"--no-{flag}"
        if entry.default_factory is not MISSING and is_dataclass(group := entry.default_factory()):
            yield from _flags(type(group))
