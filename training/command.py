"""The command `codefrontier train`: supervised training of a tiny model, and reinforcement learning."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Self, TypeVar

import tyro
from rich.console import Console

from ..agents import AgentError
from ..judge import JudgeError
from ..problems import ProblemError
from ..system.stopping import stopped_by_sigterm
from ..terminal import INTERRUPTED, fail, install_hint
from .errors import TrainingError
from .settings import RLSettings, RunSettings, SFTSettings
from .watching.terminal_view import RunView

DONE = 0
_FIELD = "--algorithm."
S = TypeVar("S", bound=RunSettings)
Report = Callable[[Mapping[str, Any]], None]
Stage = Callable[[Report], Path]


@dataclass(frozen=True, kw_only=True)
class SFTCommand(SFTSettings):
    """Train a new tiny model on the corpus of the families, and print the path of its checkpoint."""

    quiet: bool = False
    """Show no progress. Errors and the path of the checkpoint are still printed."""

    def run(self) -> int:
        """Train and return the exit status."""
        return _run(self._train, self)

    def _train(self, report: Report) -> Path:
        from .pretraining.sft import train_sft  # torch takes seconds to import

        return train_sft(_settings(SFTSettings, self), on_step=report)


@dataclass(frozen=True, kw_only=True)
class RLCommand(RLSettings):
    """Train a checkpoint by the verdicts on its programs, and print the path of the last checkpoint."""

    quiet: bool = False
    """Show no progress. Errors and the path of the checkpoint are still printed."""

    def run(self) -> int:
        """Train and return the exit status."""
        return _run(self._train, self)

    @classmethod
    def parse(cls, words: Sequence[str], *, prog: str) -> Self:
        """Read a command line, where `--algorithm.FIELD VALUE` stands for a field of the algorithm."""
        arguments, options = split_algorithm_options(words)
        command = tyro.cli(cls, prog=prog, args=arguments, config=(tyro.conf.OmitArgPrefixes,))
        # In one order, because the options decide whether a run can be resumed.
        return replace(command, algorithm_options=tuple(sorted([*command.algorithm_options, *options])))

    def _train(self, report: Report) -> Path:
        from .trainer import train  # torch takes seconds to import

        return train(_settings(RLSettings, self), on_step=report)


def split_algorithm_options(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """Separate `--algorithm.FIELD VALUE` and `--algorithm.FIELD=VALUE` from the other arguments.

    Returns:
        The other arguments, and the fields as FIELD=VALUE. A field without a value gets the empty text.
    """
    rest, options = [], []
    remaining = iter(words)
    for word in remaining:
        if not word.startswith(_FIELD):
            rest.append(word)
            continue
        name, separator, text = word.removeprefix(_FIELD).partition("=")
        options.append(f"{name.replace('-', '_')}={text if separator else next(remaining, '')}")
    return rest, options


def _run(stage: Stage, settings: SFTCommand | RLCommand) -> int:
    """Train with a view of the run, and print errors on stderr."""
    console = Console(stderr=True)
    view = RunView(console, name=settings.out.name, steps=settings.steps, quiet=settings.quiet)
    try:
        with stopped_by_sigterm(), view:
            checkpoint = stage(view.show)
    except KeyboardInterrupt:
        fail(f"stopped; --resume continues from the last checkpoint in {settings.out}")
        return INTERRUPTED
    except ImportError as error:
        return fail(f"training needs torch and transformers ({error}): {install_hint('train')}")
    except (TrainingError, AgentError, ProblemError, JudgeError, ValueError, OSError) as error:
        return fail(error, settings)
    Console().print(str(checkpoint), soft_wrap=True, highlight=False)
    return DONE


def _settings(kind: type[S], command: RunSettings) -> S:
    """Return the settings of a command as an instance of the class of settings."""
    return kind(**{entry.name: getattr(command, entry.name) for entry in fields(kind)})
