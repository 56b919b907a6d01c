"""The one command `codefrontier`; each subcommand is a thin call into a folder."""

from __future__ import annotations

import sys
from typing import Annotated

import tyro

from .benchmarks.command import BenchCommand, DemoCommand
from .judge.command import JudgeCommand

Command = (
    Annotated[JudgeCommand, tyro.conf.subcommand("judge")]
    | Annotated[BenchCommand, tyro.conf.subcommand("bench")]
    | Annotated[DemoCommand, tyro.conf.subcommand("demo")]
)


def main(arguments: list[str] | None = None) -> None:
    """Run a command and exit with its status; bad usage exits with 2.

    Args:
        arguments: Instead of those of the process.
    """
    config = (tyro.conf.OmitSubcommandPrefixes, tyro.conf.OmitArgPrefixes)
    command: Command = tyro.cli(
        Command, prog="codefrontier", description=__doc__, args=arguments, config=config
    )
    sys.exit(command.run())
