"""The command `codefrontier merge sweep`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Self

import tyro
from rich.console import Console
from tyro.conf import OmitArgPrefixes, UseAppendAction, arg

from ...agents import AgentError, RecordError
from ...judge import JudgeError
from ...merging.engine.device import Device, arithmetic_on
from ...merging.errors import MergeError
from ...merging.merge import OutDtype
from ...merging.plan import Rounding
from ...merging.recipes.locate import locate_parent
from ...merging.recipes.methods import order_parents
from ...merging.recipes.recipe_file import RecipeFile, parse_recipe, read_recipe_file
from ...merging.recipes.sweep import RecipeSweep, RecipeSweepRefusedError, parse_values, swept_parameter
from ...problems import ProblemError
from ...system import lock_folder
from ...terminal import INTERRUPTED, fail, print_json
from ..analysis.tally import Truncated
from ..bench import BenchStoppedError
from ..command import SIGNALLED, quiet_episodes
from ..comparing.command import print_sheets
from ..errors import BenchError
from .plan import SweepPlan, claim
from .playing import PlayOptions
from .results import document, evaluate, merge_sheet, result_sheets, write_results
from .stages import episodes_of, merge_all, play_all
from .watching import SweepProgress

DONE, REFUSED, NOT_ALL_VALID = 0, 1, 1
WIDTH = 120
"""Width of the tables, in columns, when the output is not a terminal."""
AGAIN = "the same command continues"
_ADVICE = (
    "nothing was merged. Rounding hides such small differences: use `rounding: stochastic` or `dtype: "
    "float32` in the recipe, merge float32 checkpoints if you have them, or keep the sweep with --force"
)
_NUMBER = re.compile(r"-[\d.]")
_ERRORS = (AgentError, BenchError, JudgeError, MergeError, ProblemError, RecordError, ValueError, OSError)


@dataclass(frozen=True, kw_only=True)
class SweepCommand(PlayOptions):
    """Merge a recipe at several values of one parameter, play every merge, compare, and draw the frontier.

    The parameter is alpha for lerp, wise_ft and expo; lambda for methods of task vectors; t for slerp; target
    for polynomial and relex. All merges are written in one pass over the parents. With --bench every merge
    plays the same problems with the same seeds. Work that is done in the folder is not repeated: the same
    command continues after an interruption, also by SIGKILL.

    The exit status is 0 when everything is done, 1 when the sweep is refused because neighbours hardly differ
    or when some episodes are not valid (the same command plays these again), and 2 when there is no result.
    """

    recipe: Annotated[Path | None, tyro.conf.Positional, arg(metavar="RECIPE")] = None
    """Recipe in YAML or JSON, as for `merge recipe`; or give --low and --high."""
    low: str | None = None
    """Checkpoint or run at alpha 0, instead of a recipe."""
    high: str | None = None
    """Checkpoint or run at alpha 1, instead of a recipe."""
    alphas: str
    """Values of the parameter: START:STOP:STEP with both ends, for example `-0.5:1.5:0.25`, or numbers with
    commas."""
    out: Path
    """Folder of the sweep."""
    k: UseAppendAction[tuple[int, ...]] = ()
    """Number of samples k of pass@k; may be repeated; 1 unless given."""
    truncated: Truncated = "count"
    """Whether episodes whose last reply was cut by the token limit count as not solved, or are left out."""
    out_dtype: OutDtype = "same"
    """Dtype of the merges of --low and --high; a recipe gives its own."""
    rounding: Rounding = "nearest"
    """Rounding of the merges of --low and --high; a recipe gives its own."""
    merge_device: Device = "cpu"
    """Where the weights are computed; `cuda` needs torch and a GPU, and gives the same bytes."""
    force: bool = False
    """Write a sweep although its neighbours hardly differ."""
    json: bool = False
    """Print one JSON object instead of tables."""

    @classmethod
    def parse(cls, arguments: Sequence[str], *, prog: str) -> Self:
        """Read the flags; a value that begins with a minus sign is the value of its flag."""
        words: list[str] = []
        for word in arguments:
            if words and words[-1] == "--alphas" and _NUMBER.match(word):
                words[-1] = f"--alphas={word}"
            else:
                words.append(word)
        return tyro.cli(cls, prog=prog, args=words, config=(OmitArgPrefixes,))

    def run(self) -> int:
        """Merge, play, compare, draw, and return the exit status."""
        try:
            with lock_folder(self.out, "codefrontier merge sweep"):
                return self._run()
        except RecipeSweepRefusedError as refusal:
            for line in (*refusal.sweep.faults, _ADVICE):
                fail(line)
            return REFUSED
        except KeyboardInterrupt:
            fail(f"stopped; {AGAIN}")
            return INTERRUPTED
        except BenchStoppedError as error:
            fail(f"{error}; {AGAIN}")
            return SIGNALLED.get(getattr(error.__cause__, "reason", ""), 2)
        except _ERRORS as error:
            return fail(error, self)

    def _run(self) -> int:
        plan = self.plan()
        parents = order_parents(plan.recipe)
        for named in zip(parents.names, parents.bases, strict=True):
            locate_parent(*named, relative_to=plan.relative_to)
        arithmetic_on(self.merge_device)
        claim(plan)
        self.prepare()
        with quiet_episodes(), SweepProgress(Console(stderr=True)) as progress:
            sweep = merge_all(plan, progress, force=self.force, device=self.merge_device)
            invalid = play_all(plan, progress)
        results = []
        if plan.bench is not None:
            ks = tuple(dict.fromkeys(self.k)) or (1,)
            results = evaluate(plan, episodes_of(plan), ks=ks, truncated=self.truncated)
        paths = write_results(plan, results)
        if self.json:
            print_json({**document(plan, results), "invalid": invalid, "files": paths})
        else:
            console = _stdout()
            print_sheets(console, [merge_sheet(plan), *(s for each in results for s in result_sheets(each))])
            console.print("written: " + ", ".join(map(str, paths)), highlight=False, soft_wrap=True)
        _warn(sweep)
        if invalid:
            fail(f"{invalid} episodes are not valid; {AGAIN} and plays them again")
        return NOT_ALL_VALID if invalid else DONE

    def plan(self) -> SweepPlan:
        """Return the plan of the sweep.

        Raises:
            BenchError: Flags exclude each other.
            MergeError: The recipe or the values are refused.
            ValueError: A setting is not allowed.
        """
        if self.k and min(self.k) < 1:
            raise ValueError(f"k must be at least 1, got {min(self.k)}")
        recipe, relative_to = self._recipe()
        swept_parameter(recipe)
        values = parse_values(self.alphas)
        return SweepPlan(
            recipe=recipe,
            relative_to=relative_to,
            values=values,
            out=self.out,
            bench=self.bench_config(self.out),
            served=self.served(),
        )

    def _recipe(self) -> tuple[RecipeFile, Path]:
        if self.recipe is not None:
            if self.low or self.high or self.out_dtype != "same" or self.rounding != "nearest":
                raise BenchError("give a recipe, or --low and --high with their options, but not both")
            return read_recipe_file(self.recipe), self.recipe.parent
        if not (self.low and self.high):
            raise BenchError("give a recipe, or --low and --high")
        content: dict[str, Any] = {
            "merge_method": "lerp",
            "models": [{"model": self.low}, {"model": self.high}],
            "rounding": self.rounding,
        }
        if self.out_dtype != "same":
            content["dtype"] = self.out_dtype
        return parse_recipe(content, where="--low and --high"), Path()


def _warn(sweep: RecipeSweep | None) -> None:
    console = Console(stderr=True, soft_wrap=True)
    for fault in sweep.faults if sweep else ():
        console.print(f"warning: {fault}", style="yellow", markup=False, highlight=False)


def _stdout() -> Console:
    console = Console()
    return console if console.is_terminal else Console(width=WIDTH)
