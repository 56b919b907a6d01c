"""The command `codefrontier lab`."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn, TimeElapsedColumn

from ...agents import AgentError, RecordError
from ...judge import JudgeError, open_judge
from ...judge.host import require_sandbox
from ...merging import MergeError
from ...system import lock_folder
from ...terminal import INTERRUPTED, ProgressLines, fail, print_json
from ...training.errors import TrainingError
from ..analysis.tally import Truncated
from ..errors import BenchError
from .control import Control
from .controls import check_controls
from .plan import EVALUATED, PRESETS, LabPlan, PresetName
from .report import ReportPaths, write_report
from .results import LabResults, SeedResults
from .stages import SIDES, Lab

DONE, BROKEN = 0, 1
_ERRORS = (
    BenchError,
    AgentError,
    RecordError,
    MergeError,
    TrainingError,
    JudgeError,
    ValueError,
    OSError,
)


@dataclass(frozen=True, kw_only=True)
class LabCommand:
    """Train under two coverages, merge, evaluate, and report which claims of the paper hold at micro scale.

    Everything runs on the CPU and starts from random weights. Work that is already done in the folder is not
    repeated, so the same command continues after an interruption. The exit status is 0 when the report is
    written, 1 when a control of a smoke run has failed, and 2 when there is no report.

    References:
        Extrapolative weight averaging: arXiv 2605.28751.
    """

    preset: PresetName = "smoke"
    """Size of the experiment: `smoke` checks in minutes that merging, coverage and the gate work; `demo`
    shows the effects of the paper; `full` takes hours, with a larger model, more seeds and more problems;
    `gpu` starts from a language model."""
    model: Path | None = None
    """Checkpoint of a language model to start from, for the preset `gpu`."""
    device: str | None = None
    """Device of the language model, for example `cuda` or `cpu`; that of the preset unless given."""
    out: Path | None = None
    """Folder of the experiment; `runs/lab-PRESET` unless given."""
    seed: int = 0
    """Number added to the seeds of the preset."""
    judge: str | None = None
    """Address of a judge to use instead of one in this process, as for `codefrontier bench`."""
    truncated: Truncated = "count"
    """Treatment of episodes whose last reply was cut by the token limit: `count` counts them as not solved,
    `drop` leaves them out of the rates. They are no correctness failures in either case. The same command
    with another value writes the report again, from the same records."""
    json: bool = False
    """Print the paths and controls of the report as one JSON object."""

    def run(self) -> int:
        """Run the experiment and return the exit status."""
        out = self.out or Path("runs") / f"lab-{self.preset}"
        try:
            plan = self.plan()
            with lock_folder(out, "codefrontier lab"):
                lab = Lab(plan, out, judge=self.judge)
                if self.judge is None:
                    require_sandbox()
                else:
                    _check_judge(self.judge)
                with LabProgress(lab) as progress:
                    lab.run(progress.update)
                controls = self._controls(lab)
                results = replace(collect(lab), controls=controls, truncated=self.truncated)
                paths = write_report(out / "report", results)
        except KeyboardInterrupt:
            fail("stopped; run the same command again to continue")
            return INTERRUPTED
        except _ERRORS as error:
            return fail(error, self)
        failed = [control for control in controls if not control.passed]
        if self.json:
            print_json(
                {
                    "html": paths.html,
                    "markdown": paths.markdown,
                    "controls": [asdict(each) for each in controls],
                }
            )
        else:
            _announce(paths)
        for control in failed:
            fail(f"control {control.name!r} failed: {control.expected}; found: {control.found}")
        return BROKEN if failed else DONE

    def plan(self) -> LabPlan:
        """Return the plan of the preset with the options.

        Raises:
            BenchError: The preset needs a language model and there is none, or the other way round.
        """
        preset = PRESETS[self.preset]
        if (self.preset == "gpu") != (self.model is not None):
            raise BenchError(
                "the preset gpu needs --model, the folder of a language model"
                if self.model is None
                else f"--model goes with the preset gpu, got --preset {self.preset}"
            )
        if self.device is not None and self.model is None:
            raise BenchError(f"--device goes with the preset gpu, got --preset {self.preset}")
        return replace(
            preset,
            seeds=tuple(seed + self.seed for seed in preset.seeds),
            model=None if self.model is None else self.model.resolve(),
            device=preset.device if self.device is None else self.device,
        )

    def _controls(self, lab: Lab) -> tuple[Control, ...]:
        """Check the controls of a smoke run; a larger run is judged by its claims instead."""
        if self.preset != "smoke":
            return ()
        seed = lab.plan.seeds[0]
        low, high = (lab.side(seed, side) for side in SIDES)
        merges = {alpha: lab.merged(seed, alpha) for alpha in lab.plan.alphas}
        return check_controls(low, high, merges, judge=self.judge or "embedded")


def _check_judge(address: str) -> None:
    """Check that the judge answers before anything is trained."""
    with open_judge(address) as judge:
        _ = judge.identity  # asks the judge, and raises JudgeError if there is no answer


def collect(lab: Lab) -> LabResults:
    """Read the results of a finished experiment from its folder."""
    plan = lab.plan
    return LabResults(
        settings=plan.settings(),
        sft=lab.metrics("sft"),
        seeds=tuple(_seed_results(lab, plan, seed) for seed in plan.seeds),
    )


def _seed_results(lab: Lab, plan: LabPlan, seed: int) -> SeedResults:
    return SeedResults(
        seed=seed,
        episodes={
            split.value: {alpha: lab.episodes(seed, alpha, split.value) for alpha in plan.alphas}
            for split in EVALUATED
        },
        middle=lab.middle_episodes(seed),
        modes=lab.modes.episodes(seed),
        curves={side: lab.metrics(f"seed-{seed}/{side}") for side in lab.sides},
        served={alpha: lab.served(seed, alpha) for alpha in lab.served_alphas(seed)},
        merges=lab.merge_reports(seed),
    )


class LabProgress:
    """Shows a progress bar per stage on standard error."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab
        columns = (
            TextColumn("{task.description:>14}"),
            BarColumn(),
            TaskProgressColumn(),
            TimeElapsedColumn(),
        )
        console = Console(stderr=True)
        self._bars = Progress(*columns, console=console, disable=not console.is_terminal)
        self._lines = ProgressLines(console)
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> LabProgress:
        self._bars.start()
        for stage, jobs in self._lab.stages.items():
            self._tasks[stage] = self._bars.add_task(stage, total=len(jobs))
        self.update()
        return self

    def __exit__(self, *_: object) -> None:
        self.update()
        self._bars.stop()

    def update(self) -> None:
        """Show the progress of every stage: as bars in a terminal, else as a line every few seconds."""
        console = self._bars.console
        if not console.is_terminal and not self._lines.are_due:
            return
        done = {stage: (sum(job.progress for job in jobs), jobs) for stage, jobs in self._lab.stages.items()}
        for stage, (completed, _) in done.items():
            self._bars.update(self._tasks[stage], completed=completed)
        if not console.is_terminal:
            shares = (f"{stage} {completed / len(jobs):.0%}" for stage, (completed, jobs) in done.items())
            self._lines.print(", ".join(shares))


def _announce(paths: ReportPaths) -> None:
    Console().print(f"report: {paths.html}\n        {paths.markdown}", highlight=False, soft_wrap=True)
