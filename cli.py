"""The one command `codefrontier`; each subcommand is a thin call into a folder."""

from __future__ import annotations

import difflib
import os
import signal
import sys
from collections.abc import Sequence
from importlib.metadata import version
from io import TextIOWrapper
from typing import Any

import tyro

from .subcommands import SUBCOMMANDS
from .terminal import INTERRUPTED, fail, install_hint, output_is_broken

USAGE_ERROR = 2
CUT_SHORT = 141
"""Exit status when the reader of the output is gone: what a shell reports after SIGPIPE, 128 + 13."""
_HELP = ("-h", "--help")
_VERSION = "--version"
_NO_THREAD = "can't start new thread"


def main(arguments: list[str] | None = None) -> None:
    """Run a subcommand and exit with its status; bad usage exits with 2.

    Args:
        arguments: Command line without the program name; None takes it from `sys.argv`.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_DFL:  # set by the package's __init__ during the imports
        signal.signal(signal.SIGINT, signal.default_int_handler)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # the locale may lack characters of statements and tables
            stream.reconfigure(errors="backslashreplace")
    try:
        status = _status(sys.argv[1:] if arguments is None else arguments)
        sys.stdout.flush()
    except BrokenPipeError:  # the reader closed the pipe, as `head` does
        status = CUT_SHORT
    except KeyboardInterrupt:
        fail("stopped")
        status = INTERRUPTED
    except OSError as error:
        status = fail(error)
    if output_is_broken():
        # The interpreter flushes the stream again at exit, which must not fail a second time.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = status or USAGE_ERROR
    sys.exit(status)


def _status(words: Sequence[str]) -> Any:
    try:
        return _run(words)
    except SystemExit as ended:  # raised by tyro for --help and for bad usage
        return ended.code


def _run(words: Sequence[str]) -> int:
    if not words or words[0] in _HELP:
        print(_overview())
        return 0 if words else USAGE_ERROR
    if words[0] == _VERSION:
        print(f"codefrontier {version('codefrontier')}")
        return 0
    name, *rest = words
    while rest and (f"{name} {rest[0]}" in SUBCOMMANDS or _is_group(f"{name} {rest[0]}")):
        name, rest = f"{name} {rest[0]}", rest[1:]
    if " " in name and name in SUBCOMMANDS:
        return _run_subcommand(name, rest)
    if _is_group(name) and (not rest or (name not in SUBCOMMANDS and rest[0] in _HELP)):
        print(_overview(name))
        return 0 if rest else USAGE_ERROR
    if _is_group(name) and rest[0] in _HELP:
        print(f"{_overview(name)}\n")
    elif _is_misspelt(name, rest):
        return _unknown(name if not _is_group(name) else f"{name} {rest[0]}")
    return _run_subcommand(name, rest)


def _run_subcommand(name: str, rest: Sequence[str]) -> int:
    subcommand = SUBCOMMANDS[name]
    try:
        kind = subcommand.load()
    except ModuleNotFoundError as error:
        if not subcommand.extra or (error.name or "").startswith(str(__package__)):
            raise
        hint = install_hint(*subcommand.extra.split(","))
        return fail(f"codefrontier {name} needs {error.name}: {hint}")
    prog = f"codefrontier {name}"
    if hasattr(kind, "parse"):  # the command also takes options from a file
        command = kind.parse(rest, prog=prog)
    else:
        command = tyro.cli(kind, prog=prog, args=rest, config=(tyro.conf.OmitArgPrefixes,))
    try:
        status = command.run()
    except BrokenPipeError:
        raise
    except OSError as error:
        return fail(error, command)
    except RuntimeError as error:
        if _NO_THREAD not in str(error):
            raise
        return fail("no more threads can be started; `ulimit -u` and the control group's pids.max bound them")
    assert isinstance(status, int)
    return status


def _is_group(name: str) -> bool:
    return any(other.startswith(f"{name} ") for other in SUBCOMMANDS)


def _is_misspelt(name: str, rest: Sequence[str]) -> bool:
    """Return whether the words name no command.

    `judge` is both a command that takes a problem and a group, so its next word counts as a misspelt command
    only when it is close to one.
    """
    if name not in SUBCOMMANDS:
        return True
    # A single word that is no file is more likely a mistyped subcommand than a problem without sources.
    alone = len(rest) == 1 and not rest[0].startswith("-") and not os.path.exists(rest[0])
    return _is_group(name) and alone and bool(_near(f"{name} {rest[0]}", name))


def _near(words: str, group: str = "") -> list[str]:
    names = [name for name in SUBCOMMANDS if not group or name.startswith(f"{group} ")]
    names += [] if group else list(dict.fromkeys(name.split()[0] for name in SUBCOMMANDS))
    # 0.75 finds one or two mistyped letters, and keeps problem ids from looking like commands.
    return difflib.get_close_matches(words, names, n=1, cutoff=0.75)


def _unknown(words: str) -> int:
    group = words.split()[0] if _is_group(words.split()[0]) else ""
    near = _near(words, group) or ([] if group else _near(words))
    hint = f"; did you mean {near[0]!r}?" if near else ""
    print(f"error: there is no command {words!r}{hint}\n\n{_overview(group)}", file=sys.stderr)
    return USAGE_ERROR


def _overview(group: str = "") -> str:
    """Return the list of all commands, or of the commands of a group."""
    shown = {
        name: subcommand.summary
        for name, subcommand in SUBCOMMANDS.items()
        if not group or name == group or name.startswith(f"{group} ")
    }
    width = max(map(len, shown)) + 2
    lines = [f"  {name:<{width}}{summary}" for name, summary in shown.items()]
    usage = f"usage: codefrontier {f'{group} ' if group else ''}COMMAND [--help] ..."
    if not group:
        usage += f"\n       codefrontier {_VERSION}"
    if group in SUBCOMMANDS:
        usage += f"\n       codefrontier {group} [--help] ..."
    return "\n".join([usage, "", *lines])
