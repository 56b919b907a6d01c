"""The command `codefrontier merge soup`."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from tyro.conf import Positional

from ...agents import AgentError, RecordError
from ...judge import JudgeError
from ...merging.errors import MergeError
from ...merging.merge import OutDtype
from ...merging.recipes.locate import locate
from ...merging.recipes.run import RecipeReport, RunOptions, merge_recipes
from ...problems import ProblemError
from ...system import lock_folder
from ...terminal import INTERRUPTED, fail, print_json
from ..command import quiet_episodes
from ..errors import BenchError
from ..sweeping.playing import PlayOptions
from ..sweeping.watching import SweepProgress
from .greedy import MERGES, SOUP, SoupOptions, SoupState, greedy_soup, uniform_recipe
from .scorers import BenchScorer, CommandScorer, Scorer

_ERRORS = (AgentError, BenchError, JudgeError, MergeError, ProblemError, RecordError, ValueError, OSError)


@dataclass(frozen=True, kw_only=True)
class SoupCommand(PlayOptions):
    """Average checkpoints: all of them, or with a scorer only those that do not lower a held-out score.

    With --scorer or --bench the soup is greedy (arXiv 2203.05482): candidates are added in the order of their
    own scores, and stay if the score of the soup does not fall. Scores are of held-out problems, so judge the
    result on others. The soup is written to `OUT/merges/soup`, with every decision in its merge.json. A
    scorer that fails is an error. The same command continues after an interruption and scores nothing twice.

    The exit status is 0 when the soup is written, and 2 otherwise.
    """

    candidates: Positional[tuple[str, ...]]
    """Checkpoints, or runs, which stand for their last checkpoint."""
    out: Path
    """Folder of the soup."""
    scorer: str | None = None
    """Command that prints a number in its last line, larger is better; `{folder}` in it stands for the folder
    of a checkpoint, which is appended if `{folder}` is missing."""
    allow: tuple[str, ...] = ()
    """Fields in which the candidates may differ; the soup uses the values of its first member."""
    out_dtype: OutDtype = "same"
    """Dtype of the soup; `same` uses the dtype in its first member."""
    json: bool = False
    """Print one JSON object instead of text."""

    def run(self) -> int:
        """Score, merge, print, and return the exit status."""
        try:
            with lock_folder(self.out, "codefrontier merge soup"):
                return self._run()
        except KeyboardInterrupt:
            fail("stopped; the same command continues")
            return INTERRUPTED
        except _ERRORS as error:
            return fail(error, self)

    def _run(self) -> int:
        if self.scorer is not None and self.bench:
            raise BenchError("--scorer and --bench exclude each other: give one, or none for the mean of all")
        folders = [locate(name, relative_to=Path()) for name in self.candidates]
        config = self.bench_config(self.out)
        self.prepare()
        with quiet_episodes(), SweepProgress(Console(stderr=True)) as progress:
            options = SoupOptions(
                dtype=None if self.out_dtype == "same" else self.out_dtype,
                allow=self.allow,
                on_progress=progress.merging,
                say=progress.say,
            )
            scorer: Scorer | None = CommandScorer(command=self.scorer) if self.scorer is not None else None
            if config is not None:
                records = self.out / "records"
                scorer = BenchScorer(bench=config, served=self.served(), records=records, progress=progress)
            if scorer is None:
                how = RunOptions(on_progress=progress.merging)
                recipe = uniform_recipe([folder.resolve() for folder in folders], options)
                (report,) = merge_recipes([recipe], self.out / MERGES, [SOUP], how).reports
                self._print(report, None)
            else:
                self._print(*greedy_soup(folders, self.out, scorer, options))
        return 0

    def _print(self, report: RecipeReport | None, state: SoupState | None) -> None:
        folder = self.out / MERGES / SOUP
        if self.json:
            decided = (
                {"state": asdict(state), "members": state.members, "score": state.score} if state else {}
            )
            print_json({"path": folder, "digest": report.digest if report else None, **decided})
            return
        members = (
            f"{len(state.members)} of {len(state.candidates)} candidates "
            f"({', '.join(map(str, state.members))}), score {state.score:.6g}"
            if state
            else f"the mean of {len(self.candidates)} checkpoints"
        )
        console = Console(markup=False, highlight=False, soft_wrap=True)
        console.print(f"{folder}: {members}{'' if report else '; it was there already'}")
