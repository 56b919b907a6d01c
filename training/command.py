"""The command `codefrontier train`: supervised training of a tiny model, and reinforcement learning."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Self, TypeVar

import tyro
from rich.console import Console
from tyro.conf import OmitArgPrefixes, UseAppendAction

from ..agents import AgentError
from ..judge import JudgeError
from ..problems import ProblemError
from ..system.stopping import stopped_by_sigterm
from ..terminal import INTERRUPTED, fail, install_hint
from .distributed.launch import follows
from .equilibrium.settings import EquilibriumSettings
from .errors import TrainingError
from .recipes import with_recipe
from .settings import DPOSettings, FineTuneSettings, RLSettings, RunSettings, SFTSettings, TrainEnvOptions
from .watching.terminal_view import RunView

DONE = 0
_EXISTING = frozenset(("--init", "--from-records", "--rows"))
"""Options of `train sft` by which an existing checkpoint is trained."""
S = TypeVar("S", bound=RunSettings)
Report = Callable[[Mapping[str, Any]], None]
Stage = Callable[[Report], Path]


@dataclass(frozen=True, kw_only=True)
class SFTCommand(SFTSettings):
    """Train a new tiny model on the corpus of the families, and print the path of its checkpoint.

    With --init, --from-records or --rows, an existing checkpoint is trained; its options are listed by
    `codefrontier train sft --init PATH --help`.
    """

    quiet: bool = False
    """Show no progress. Errors and the path of the checkpoint are still printed."""

    def run(self) -> int:
        """Train and return the exit status."""
        return _run(self._train, self)

    @classmethod
    def parse(cls, words: Sequence[str], *, prog: str) -> SFTCommand | FineTuneCommand:
        """Read a command line: the options of an existing checkpoint choose the command that trains it."""
        given = {word.partition("=")[0].replace("_", "-") for word in words}
        kind: type[SFTCommand | FineTuneCommand] = FineTuneCommand if given & _EXISTING else cls
        return tyro.cli(kind, prog=prog, args=words, config=(tyro.conf.OmitArgPrefixes,))

    def _train(self, report: Report) -> Path:
        from .pretraining.sft import train_sft  # torch takes seconds to import

        return train_sft(_settings(SFTSettings, self), on_step=report)


@dataclass(frozen=True, kw_only=True)
class FineTuneCommand(FineTuneSettings):
    """Train a checkpoint on accepted episodes or on rows of messages, and print its last checkpoint."""

    quiet: bool = False
    """Show no progress. Errors and the path of the checkpoint are still printed."""

    def run(self) -> int:
        """Train and return the exit status."""
        return _run(self._train, self)

    def _train(self, report: Report) -> Path:
        from .sft.finetune import fine_tune  # torch takes seconds to import

        return fine_tune(_settings(FineTuneSettings, self), on_step=report)


@dataclass(frozen=True, kw_only=True)
class DPOCommand(DPOSettings):
    """Train a checkpoint on pairs of a better and a worse reply from records, and print its last checkpoint.

    Replies to one problem with different rewards make pairs. With records of the checkpoint itself, sampled
    anew before each of several such runs, the training is batch-online.
    """

    quiet: bool = False
    """Show no progress. Errors and the path of the checkpoint are still printed."""

    def run(self) -> int:
        """Train and return the exit status."""
        return _run(self._train, self)

    def _train(self, report: Report) -> Path:
        from .preferences.train import train_dpo  # torch takes seconds to import

        return train_dpo(_settings(DPOSettings, self), on_step=report)


@dataclass(frozen=True, kw_only=True)
class RLCommand(RLSettings):
    """Train a checkpoint by the verdicts on its programs, and print the path of the last checkpoint."""

    quiet: bool = False
    """Show no progress. Errors and the path of the checkpoint are still printed."""
    recipe: str | None = None
    """Name of a recipe, whose options come before those given here, for example `verifier-raft`."""
    env: UseAppendAction[tuple[str, ...]] = ()
    """Environment to train on, as ID, ID:WEIGHT or ID:WEIGHT,FIELD=VALUE,...; may be repeated. The problems
    of a step are divided by the weights. The fields are `coverage` and the options of environments, such as
    `max_turns`. Unless given: `Families-single`."""
    env_options: OmitArgPrefixes[TrainEnvOptions] = field(default_factory=TrainEnvOptions)
    """Options of all environments."""

    def __post_init__(self) -> None:
        # An option that may be repeated appends to its default, so the default is filled in here.
        object.__setattr__(self, "env", self.env or RLSettings.env)
        super().__post_init__()

    def run(self) -> int:
        """Train and return the exit status."""
        return _run(self._train, self)

    @classmethod
    def parse(cls, words: Sequence[str], *, prog: str) -> Self:
        """Read a command line, where `--algorithm.FIELD VALUE` stands for a field of the algorithm.

        The same holds for `--curriculum.FIELD VALUE`, and `--recipe NAME` stands for the options of a recipe.
        """
        try:
            words = with_recipe(words)
        except ValueError as error:
            raise SystemExit(fail(error)) from error
        words, of_algorithm = split_options(words, "algorithm")
        words, of_curriculum = split_options(words, "curriculum")
        command = tyro.cli(cls, prog=prog, args=words, config=(tyro.conf.OmitArgPrefixes,))
        # In one order, because the options decide whether a run can be resumed.
        return replace(
            command,
            algorithm_options=tuple(sorted([*command.algorithm_options, *of_algorithm])),
            curriculum_options=tuple(sorted([*command.curriculum_options, *of_curriculum])),
        )

    def _train(self, report: Report) -> Path:
        from .trainer import train  # torch takes seconds to import

        return train(_settings(RLSettings, self), on_step=report)


@dataclass(frozen=True, kw_only=True)
class EquilibriumCommand(EquilibriumSettings):
    """Train a new equilibrium reasoner on grids, and print the path of its last checkpoint."""

    quiet: bool = False
    """Show no progress. Errors and the path of the checkpoint are still printed."""

    def run(self) -> int:
        """Train and return the exit status."""
        return _run(self._train, self)

    def _train(self, report: Report) -> Path:
        from .equilibrium.train import train_equilibrium  # torch takes seconds to import

        return train_equilibrium(_settings(EquilibriumSettings, self), on_step=report)


def split_options(words: Sequence[str], owner: str) -> tuple[list[str], list[str]]:
    """Separate `--OWNER.FIELD VALUE` and `--OWNER.FIELD=VALUE` from the other arguments.

    Returns:
        The other arguments, and the fields as FIELD=VALUE. A field without a value gets the empty text.
    """
    rest, options = [], []
    remaining = iter(words)
    prefix = f"--{owner}."
    for word in remaining:
        if not word.startswith(prefix):
            rest.append(word)
            continue
        name, separator, text = word.removeprefix(prefix).partition("=")
        options.append(f"{name.replace('-', '_')}={text if separator else next(remaining, '')}")
    return rest, options


def _run(
    stage: Stage, settings: SFTCommand | FineTuneCommand | DPOCommand | RLCommand | EquilibriumCommand
) -> int:
    """Train with a view of the run, and print errors on stderr."""
    console = Console(stderr=True)
    view = RunView(console, name=settings.out.name, steps=settings.steps, quiet=settings.quiet or follows())
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
    if follows():  # the leader of the run reports
        return DONE
    Console().print(str(checkpoint), soft_wrap=True, highlight=False)
    return DONE


def _settings(kind: type[S], command: RunSettings) -> S:
    """Return the settings of a command as an instance of the class of settings."""
    return kind(**{entry.name: getattr(command, entry.name) for entry in fields(kind)})
