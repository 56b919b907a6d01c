"""The commands `codefrontier bench` and `codefrontier demo`."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Self

import tyro
from rich.console import Console
from tyro.conf import EnumChoicesFromValues, OmitArgPrefixes, UseAppendAction

from ..agents import AgentError, EpisodeRecord, ModelOptions, RecordError
from ..agents.engine import FAILURE_KINDS, EpisodeLimits, FailureKind, RunStoppedError
from ..envs import CodingEnv
from ..judge import JudgeError, Language
from ..problems import ProblemError
from ..terminal import INTERRUPTED, NO_ANSWER, fail, print_json
from .analysis.tables import LEGEND, detail_tables, summary_tables, tolerated_notes, truncated_notes
from .analysis.tally import Truncated, rows, unequal_problems
from .bench import BenchResult, BenchStoppedError, run_bench
from .causes import cause_lines
from .comparing import Comparison, collect, compare, played, sharing
from .comparing.command import print_sheets
from .comparing.sheets import sheets
from .config import BenchConfig
from .demo import DEMO_INTRODUCTION, DEMO_NOTE, demo_config
from .env_options import BenchEnvOptions
from .errors import BenchError
from .plan_file import CONFIG, differences, grouped_options, read_options, recorded_options
from .progress import ProgressBar

DONE, NOT_ALL_VALID = 0, 1
APPENDED = {"env", "agent", "retry"}
BENCH_AGAIN = "codefrontier bench --resume --out"
SIGNALLED = {"SIGINT": INTERRUPTED, "SIGTERM": 143}
WIDTH = 80
"""Width of the tables, in columns, when the output is not a terminal."""


@dataclass(frozen=True, kw_only=True)
class BenchCommand(BenchConfig):
    """Play agents on problem sets, record every episode, and print the results as tables.

    The exit status is 0 when every episode is valid, 1 when infrastructure or a model failed in some episodes
    (`--resume` plays these again), and 2 when there is no result.
    """

    env: UseAppendAction[tuple[str, ...]] = ()
    """Id of an environment, for example `Classics-single`; may be repeated."""
    agent: UseAppendAction[tuple[str, ...]] = ()
    """Agent: `reference`, `slow`, `wrong`, `crash`, `silent`, `litellm:<model>` (`litellm:frontier/<name>` is
    a checkpoint of `codefrontier serve`), `openhands:<model>`, `policy:<path>` of a checkpoint or a training
    run, `replay:<records>`, or `ensemble:<agent>*<share>,...`, which divides the samples among agents; may be
    repeated."""
    language: EnumChoicesFromValues[Language] = Language.PYTHON
    """Programming language of submissions."""
    env_options: OmitArgPrefixes[BenchEnvOptions] = field(default_factory=BenchEnvOptions)
    """Keyword arguments of the environments."""
    model: OmitArgPrefixes[ModelOptions] = field(default_factory=ModelOptions)
    """Model options of the litellm agents."""
    limits: OmitArgPrefixes[EpisodeLimits] = field(default_factory=EpisodeLimits)
    """Limits of an episode."""
    retry: UseAppendAction[tuple[EnumChoicesFromValues[FailureKind], ...]] = ()
    """Kind of failure after which an episode is played again, in this run and when it is resumed: `judge`,
    `model`, `sandbox`; may be repeated; all kinds unless given."""
    json: bool = False
    """Print one JSON object instead of tables."""

    config: Path | None = None
    """YAML or JSON file with options by the names of these flags; flags take precedence over the file."""

    def __post_init__(self) -> None:
        self.check_values()  # not the check for env and agent, which may still come from a file

    @classmethod
    def parse(cls, arguments: Sequence[str], *, prog: str) -> Self:
        """Read the flags; missing options come from `--config`, or from the run that is resumed."""
        try:
            # --help must work without the files.
            known = {} if {"-h", "--help"} & set(arguments) else _options_of_files(arguments)
            default = cls(**({"out": tyro.MISSING} | grouped_options(known)))
        except (BenchError, ValueError) as error:
            sys.exit(_fail(error))
        return tyro.cli(cls, prog=prog, args=arguments, default=default, config=(OmitArgPrefixes,))

    def run(self) -> int:
        """Run the benchmark and return the exit status."""
        for name in ("env", "agent"):
            if not getattr(self, name):
                return _fail(
                    f"at least one {name} is needed: give --{name}, --config, or --resume with --out"
                )
        given = {entry.name: getattr(self, entry.name) for entry in fields(BenchConfig)}
        config = BenchConfig(**{**given, "retry": self.retry or FAILURE_KINDS})
        try:
            changed = differences(config)
        except BenchError as error:
            return _fail(error, command=config)
        if changed:
            note = f"{config.out}: continues with another plan than before: {'; '.join(changed)}"
            Console(stderr=True).print(note, markup=False, highlight=False, soft_wrap=True)
        return run_and_print(config, compact=False, as_json=self.json)


@dataclass(frozen=True, kw_only=True)
class DemoCommand:
    """Let agents of known quality play the embedded problems in the three modes, in about a minute."""

    out: Path | None = None
    """Folder of the records; `runs/demo`, or the next free one of `runs/demo-2`, ... unless given."""
    workers: int = 2
    """Number of episodes, and so of sandboxes, at a time."""
    resume: bool = False
    """Continue the demo in `out`, or the last demo in `runs`."""
    judge: str | None = None
    """Address of a judge to use instead of one in this process, as for `codefrontier bench`."""

    def run(self) -> int:
        """Run the demo and return the exit status."""
        console = _stdout()
        console.print(DEMO_INTRODUCTION)
        try:
            config = demo_config(self.out, workers=self.workers, resume=self.resume)
            if self.judge is not None:
                config = replace(config, judge=self.judge, remember=False)
        except (BenchError, ProblemError, ValueError) as error:
            return _fail(error)
        status = run_and_print(config, compact=True, again="codefrontier demo --resume --out")
        if status == DONE:
            console.print(DEMO_NOTE)
        return status


def _options_of_files(arguments: Sequence[str]) -> dict[str, Any]:
    """Return the options from files, except lists that flags give too: tyro would append to them."""
    given = {name for word in arguments if (name := _flag(word))}
    file, out = _value(arguments, "config"), _value(arguments, "out")
    options = read_options(Path(file)) if file else {}
    resume = "resume" in given and "--no-resume" not in arguments
    folder = Path(out) if out else options.get("out")
    if resume and folder is not None and ((folder / CONFIG).exists() or not {"env", "agent"} <= given):
        options = recorded_options(folder) | options
    return {name: value for name, value in options.items() if name not in given & APPENDED}


def _flag(word: str) -> str | None:
    """Return the name, with underscores, of the option that an argument sets; None if it sets none."""
    return word[2:].partition("=")[0].removeprefix("no-").replace("-", "_") if word[:2] == "--" else None


def _value(arguments: Sequence[str], name: str) -> str | None:
    """Return the last value of an option on the command line; None if the option is not given."""
    found = None
    for place, word in enumerate(arguments):
        if word.startswith(f"--{name}="):
            found = word.partition("=")[2]
        elif word == f"--{name}" and place + 1 < len(arguments):
            found = arguments[place + 1]
    return found


def run_and_print(
    config: BenchConfig, *, compact: bool, as_json: bool = False, again: str = BENCH_AGAIN
) -> int:
    """Run a benchmark with a progress bar, print its tables, and return the exit status."""
    try:
        with quiet_episodes(), ProgressBar(Console(stderr=True)) as bar:
            result = run_bench(config, bar)
    except KeyboardInterrupt:
        return _fail("stopped", resume=config.out, status=INTERRUPTED, again=again)
    except BenchStoppedError as error:
        return _stopped(config, error, compact=compact, again=again)
    except AgentError as error:
        return _fail(error, resume=config.out, again=again)
    except (BenchError, ProblemError, RecordError, JudgeError, ValueError, OSError) as error:
        return _fail(error, command=config)
    if as_json:
        _print_document(result, config.truncated)
    else:
        print_result(result, compact=compact, truncated=config.truncated)
    _print_causes(result)
    if result.invalid == len(result.episodes):
        return _fail("no episode is valid", resume=config.out, again=again)
    return NOT_ALL_VALID if result.invalid else DONE


@contextmanager
def quiet_episodes() -> Iterator[None]:
    """Silence the warnings of environments about failed episodes; the causes are printed at the end."""
    logger = logging.getLogger(CodingEnv.__module__)
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(before)


def _stopped(config: BenchConfig, error: BenchStoppedError, *, compact: bool, again: str) -> int:
    """Print the results of a run that was stopped; return 128 plus the number of the signal, or 2."""
    cause = error.__cause__
    status = SIGNALLED.get(cause.reason, NO_ANSWER) if isinstance(cause, RunStoppedError) else NO_ANSWER
    if error.result.episodes:
        print_result(error.result, compact=compact, truncated=config.truncated)
        _print_causes(error.result)
    return _fail(error, resume=config.out, status=status, again=again)


def _print_causes(result: BenchResult) -> None:
    """Print the causes of invalid episodes on stderr."""
    console = Console(stderr=True)
    if result.invalid:
        console.print(f"{result.invalid} of {len(result.episodes)} episodes are not valid:", highlight=False)
    for line in cause_lines(result.episodes):
        console.print(f"  {line}", markup=False, highlight=False, soft_wrap=True)


def print_result(result: BenchResult, *, compact: bool, truncated: Truncated = "count") -> None:
    """Print the tables, the notes and the path of the records."""
    console = _stdout()
    counted = rows(result.episodes)
    details = [] if compact else detail_tables(counted, truncated=truncated)
    for table in [*summary_tables(counted, truncated=truncated), *details]:
        console.print(table)
        console.print()
    if not compact:
        for comparison in compared(result.episodes, truncated):
            print_sheets(console, sheets(comparison))
    for note in [*truncated_notes(counted), *tolerated_notes(counted), *unequal_problems(result.episodes)]:
        console.print(f"note: {note}", markup=False, highlight=False, soft_wrap=True)
    console.print(LEGEND, highlight=False)
    console.print(
        f"\n{len(result.episodes)} episodes are recorded in {result.records}", highlight=False, soft_wrap=True
    )
    if result.invalid:
        console.print(f"{result.invalid} of them are not valid; --resume plays them again")


def compared(episodes: Sequence[EpisodeRecord], truncated: Truncated) -> list[Comparison]:
    """Compare the agents and environments that share problems; those without a shared problem are apart."""
    found = []
    for runs in sharing(collect([("", [played(episode) for episode in episodes])])):
        # Runs without enough valid episodes are in the tables of counts.
        with suppress(BenchError):
            found.append(compare(runs, truncated=truncated))
    return found


def _stdout() -> Console:
    console = Console()
    return console if console.is_terminal else Console(width=WIDTH)


def _print_document(result: BenchResult, truncated: Truncated) -> None:
    counts = {"episodes": len(result.episodes), "invalid": result.invalid, "records": result.records}
    comparisons = [asdict(comparison) for comparison in compared(result.episodes, truncated)]
    print_json(
        {
            **counts,
            "comparisons": comparisons,
            "rows": [vars(row) | {"tally": vars(row.tally)} for row in rows(result.episodes)],
        }
    )


def _fail(
    error: object,
    *,
    command: object = None,
    resume: Path | None = None,
    status: int = NO_ANSWER,
    again: str = BENCH_AGAIN,
) -> int:
    """Print an error on stderr, and the command that continues the run if episodes are recorded."""
    fail(error, command)
    if resume and (resume / "records.jsonl").exists():
        advice = f"the episodes played so far are in {resume}; continue with: {again} {resume}"
        Console(stderr=True).print(advice, markup=False, highlight=False, soft_wrap=True)
    return status
