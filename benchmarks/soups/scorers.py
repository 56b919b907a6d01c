"""Scorers of checkpoints: a command of the user, or a benchmark. A failure is an error, never a score."""

from __future__ import annotations

import dataclasses
import math
import shlex
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

from ...agents import AgentError
from ...judge import FailureClass
from ..bench import run_bench
from ..config import BenchConfig
from ..errors import BenchError
from ..plan_file import plain
from ..sweeping.plan import NOT_COMPARED, Served
from ..sweeping.stages import agent_of, begun_in, in_stable_order
from ..sweeping.watching import SweepProgress

FOLDER: Final = "{folder}"
_SHOWN: Final = 2000
"""Number of characters of the output of a failed command that are shown."""


class ScorerError(BenchError):
    """A checkpoint could not be scored; the message says why."""


class Scorer(Protocol):
    """Scores checkpoints; larger is better."""

    def describe(self) -> dict[str, Any]:
        """Return everything that decides the scores, as values of JSON."""
        ...

    def score(self, folder: Path, name: str) -> float:
        """Return the score of a checkpoint.

        Args:
            folder: Folder of the checkpoint.
            name: Name of the checkpoint, which no other checkpoint has.

        Raises:
            ScorerError: The checkpoint cannot be scored.
        """
        ...


@dataclass(frozen=True, kw_only=True)
class CommandScorer:
    """Runs a command, which prints a number in its last line."""

    command: str
    """Command line without a shell; `{folder}` stands for the folder of the checkpoint, which is appended if
    the command does not contain it."""

    def __post_init__(self) -> None:
        try:
            words = shlex.split(self.command)
        except ValueError as error:
            raise ScorerError(f"the scorer is no command line: {error}: {self.command!r}") from error
        if not words:
            raise ScorerError("the scorer is an empty command")

    def describe(self) -> dict[str, Any]:
        """Return the command."""
        return {"command": self.command}

    def score(self, folder: Path, name: str) -> float:
        """Run the command and return the number that it prints.

        Raises:
            ScorerError: The command cannot be started or fails, or its last line is not a finite number.
        """
        words = shlex.split(self.command)
        place = str(folder.resolve())
        given = [word.replace(FOLDER, place) for word in words]
        if given == words:
            given.append(place)
        try:
            done = subprocess.run(
                given, check=False, stdin=subprocess.DEVNULL, capture_output=True, text=True
            )
        except (OSError, UnicodeDecodeError) as error:
            raise ScorerError(f"the scorer {given[0]!r} cannot be run: {error}") from error
        if done.returncode:
            said = (done.stderr or done.stdout)[-_SHOWN:].strip()
            raise ScorerError(f"the scorer exited with status {done.returncode} for {name}: {said}")
        lines = [line for line in done.stdout.splitlines() if line.strip()]
        return _number(lines[-1] if lines else "", name)


def _number(text: str, name: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise ScorerError(
            f"the scorer must print a finite number in its last line, got {text!r:.200} for {name}"
        )
    return value


@dataclass(frozen=True, kw_only=True)
class BenchScorer:
    """Plays an environment; the score is the share of solved episodes, averaged over problems."""

    bench: BenchConfig
    """Settings of the benchmark; its agent and its folder are replaced."""
    served: Served | None
    records: Path
    """Folder for the records of each checkpoint."""
    progress: SweepProgress

    def describe(self) -> dict[str, Any]:
        """Return the settings of the benchmark."""
        settings = plain(dataclasses.asdict(self.bench))
        bench = {name: value for name, value in settings.items() if name not in NOT_COMPARED}
        return {"bench": bench, "serve": self.served is not None}

    def score(self, folder: Path, name: str) -> float:
        """Play a checkpoint; recorded episodes are not played again.

        Raises:
            ScorerError: Some episodes are not valid.
            AgentError: The checkpoint cannot be loaded, or too many consecutive episodes were invalid.
        """
        out = self.records / name
        config = begun_in(self.bench, out)
        with agent_of(self.served, name, folder, config) as ready:
            try:
                result = run_bench(ready, self.progress.playing_one(name))
            except AgentError as error:
                raise ScorerError(f"{name} cannot be scored: {error}; the same command continues") from error
        if result.invalid:
            raise ScorerError(
                f"{result.invalid} of {len(result.episodes)} episodes of {name} are not valid, so it has no "
                "score; the same command plays these again"
            )
        solved: dict[tuple[str, str], list[bool]] = {}
        for episode in in_stable_order(result.episodes):
            solved.setdefault((episode.env_id, episode.problem_id), []).append(
                episode.failure_class is FailureClass.SOLVED
            )
        return math.fsum(sum(each) / len(each) for each in solved.values()) / len(solved)
