"""The command `codefrontier train`: supervised training of a tiny model, and reinforcement learning."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Self, TypeVar

import tyro
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from ..agents import AgentError
from ..judge import JudgeError
from ..problems import ProblemError
from ..system.stopping import stopped_by_sigterm
from ..terminal import INTERRUPTED, ProgressLines, fail, install_hint
from .distributed.launch import follows
from .errors import TrainingError
from .settings import RLSettings, RunSettings, SFTSettings

DONE = 0
_FIELD = "--algorithm."
S = TypeVar("S", bound=RunSettings)
Report = Callable[[Mapping[str, Any]], None]
Stage = Callable[[Report], Path]


@dataclass(frozen=True, kw_only=True)
class SFTCommand(SFTSettings):
    """Train a new tiny model on the corpus of the families, and print the path of its checkpoint."""

    def run(self) -> int:
        """Train and return the exit status."""
        return _run(lambda report: self._train(report), self, _describe_sft)

    def _train(self, report: Report) -> Path:
        from .pretraining.sft import train_sft  # torch takes seconds to import

        return train_sft(_settings(SFTSettings, self), on_step=report)


@dataclass(frozen=True, kw_only=True)
class RLCommand(RLSettings):
    """Train a checkpoint by the verdicts on its programs, and print the path of the last checkpoint."""

    def run(self) -> int:
        """Train and return the exit status."""
        return _run(lambda report: self._train(report), self, _describe_rl)

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


def _run(stage: Stage, settings: RunSettings, describe: Callable[[Mapping[str, Any]], str]) -> int:
    """Train with a progress bar, and print errors on stderr."""
    console = Console(stderr=True)
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=30),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[status]}"),
        console=console,
        disable=follows() or not console.is_terminal,
    )
    try:
        with stopped_by_sigterm(), bar:
            task = bar.add_task(settings.out.name, total=getattr(settings, "steps", None), status="starting")
            lines = ProgressLines(console)

            def report(metrics: Mapping[str, Any]) -> None:
                status = describe(metrics)
                bar.update(task, completed=metrics["step"], status=status)
                lines.print(f"step {metrics['step']} of {getattr(settings, 'steps', '?')}: {status}")

            checkpoint = stage(report)
    except KeyboardInterrupt:
        fail(f"stopped; --resume continues from the last checkpoint in {settings.out}")
        return INTERRUPTED
    except ImportError as error:
        return fail(f"training needs torch and transformers ({error}): {install_hint('train')}")
    except (TrainingError, AgentError, ProblemError, JudgeError, ValueError, OSError) as error:
        return fail(error, settings)
    if not follows():
        Console().print(str(checkpoint), soft_wrap=True, highlight=False)
    return DONE


def _settings(kind: type[S], command: RunSettings) -> S:
    """Return the settings of a command as an instance of the class of settings."""
    return kind(**{entry.name: getattr(command, entry.name) for entry in fields(kind)})


def _describe_sft(metrics: Mapping[str, Any]) -> str:
    return f"loss {metrics['loss_ema']:.3f}"


def _describe_rl(metrics: Mapping[str, Any]) -> str:
    verdicts = ", ".join(f"{name} {share:.2f}" for name, share in metrics["verdicts"].items() if share)
    masked = metrics["invalid_episodes"]
    return (
        f"reward {metrics['reward_mean']:.2f} ({verdicts}), signal in {metrics['groups_with_signal']} of "
        f"{metrics['groups']} groups{f', {masked} masked' if masked else ''}"
    )
