"""Greedy soups (arXiv 2203.05482): add checkpoints in the order of their own scores, keep those that help."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from ...merging.checkpoints.digests import combined_digest, file_digests
from ...merging.recipes.finished import check_finished
from ...merging.recipes.locate import Located
from ...merging.recipes.recipe_file import RecipeFile, parse_recipe
from ...merging.recipes.run import RecipeReport, RunOptions, merge_recipes, open_parents
from ...system import entries, write_file
from ..errors import BenchError
from .scorers import Scorer

STATE: Final = "soup.json"
MERGES: Final = "merges"
SOUP: Final = "soup"
"""Name of the folder of the result, among the merges."""


@dataclass(frozen=True, kw_only=True)
class Trial:
    """An attempt to add a candidate to the soup."""

    members: tuple[int, ...]
    """Numbers of the candidates in the soup that was scored; the last one was added."""
    score: float
    kept: bool
    """Whether the score is not below that of the soup before."""


@dataclass(frozen=True, kw_only=True)
class SoupState:
    """All decisions so far."""

    candidates: tuple[dict[str, str], ...]
    """Folder and digest of the weights of each candidate."""
    scorer: dict[str, Any]
    scores: tuple[float, ...] = ()
    """Own score of each candidate that was scored."""
    trials: tuple[Trial, ...] = ()

    @property
    def order(self) -> list[int]:
        """The numbers of the candidates by their own scores, the best first; equal ones as given."""
        return sorted(range(len(self.scores)), key=lambda number: (-self.scores[number], number))

    @property
    def members(self) -> tuple[int, ...]:
        """The numbers of the candidates in the soup."""
        kept = [trial.members for trial in self.trials if trial.kept]
        return kept[-1] if kept else (self.order[0],)

    @property
    def score(self) -> float:
        """The score of the soup."""
        kept = [trial.score for trial in self.trials if trial.kept]
        return kept[-1] if kept else self.scores[self.order[0]]


@dataclass(frozen=True, kw_only=True)
class SoupOptions:
    """How soups are merged."""

    dtype: str | None = None
    """Dtype of the soup; that of the first candidate unless given."""
    allow: tuple[str, ...] = ()
    """Fields in which the candidates may differ."""
    on_progress: Callable[[int, int], None] = lambda done, total: None
    say: Callable[[str], None] = field(default=lambda line: None)
    """Is told each decision as a line."""


def greedy_soup(
    candidates: Sequence[Path], out: Path, scorer: Scorer, options: SoupOptions | None = None
) -> tuple[RecipeReport | None, SoupState]:
    """Write the greedy soup of checkpoints to `out/merges/soup`; every decision is in its merge.json.

    Candidates are added in the order of their own scores. A candidate stays in the soup if the score of the
    soup, which is the mean of the weights of its members, does not fall. The same call continues after an
    interruption, and no checkpoint is scored twice.

    Args:
        candidates: Folders of at least two checkpoints.
        out: Folder of the soup; its caller holds the lock.
        scorer: Scores checkpoints on held-out problems.
        options: How soups are merged.

    Returns:
        The report of the merge, None if it was there already; and all decisions.

    Raises:
        ScorerError: A checkpoint could not be scored; nothing was decided about it.
        BenchError: The folder contains another soup.
        MergeError: The candidates cannot be merged.
        OSError: A file cannot be read or written.
    """
    soup = _GreedySoup(candidates, out, scorer, options or SoupOptions())
    return soup.run(), soup.state


def uniform_recipe(candidates: Sequence[Path], options: SoupOptions) -> RecipeFile:
    """Return the recipe of the mean of checkpoints."""
    return _recipe("soup", [{"model": str(each)} for each in candidates], options)


def _recipe(method: str, models: Sequence[dict[str, Any]], options: SoupOptions) -> RecipeFile:
    content: dict[str, Any] = {"merge_method": method, "models": list(models), "allow": list(options.allow)}
    if options.dtype:
        content["dtype"] = options.dtype
    return parse_recipe(content, where="soup")


class _GreedySoup:
    """A greedy soup in its folder."""

    def __init__(self, candidates: Sequence[Path], out: Path, scorer: Scorer, options: SoupOptions) -> None:
        if len(candidates) < 2:
            raise BenchError(f"a soup needs at least two candidates, got {len(candidates)}")
        self._folders = [each.resolve() for each in candidates]
        self._out, self._scorer, self._options = out, scorer, options
        opened, _ = open_parents(
            [Located(folder=folder, base=None) for folder in self._folders], options.allow
        )  # before hours of scoring
        described = tuple(
            {
                "folder": str(parent.folder),
                "digest": combined_digest(
                    file_digests(parent.folder, [shard.path.name for shard in parent.shards])
                ),
            }
            for parent in opened
        )
        wanted = SoupState(candidates=described, scorer=json.loads(json.dumps(scorer.describe())))
        self.state = self._read(wanted)

    def run(self) -> RecipeReport | None:
        for number in range(len(self.state.scores), len(self._folders)):
            score = self._scorer.score(self._folders[number], f"candidate-{number}")
            self._write(replace(self.state, scores=(*self.state.scores, score)))
            self._options.say(f"candidate {number} ({self._folders[number].name}): score {score:.6g}")
        for number in self.state.order[1 + len(self.state.trials) :]:
            self._try(number)
        report = self._finish()
        for left in (self._out / MERGES).glob("trial-*"):  # of a process that was killed
            shutil.rmtree(left, ignore_errors=True)
        return report

    def _try(self, number: int) -> None:
        members = (*self.state.members, number)
        name = f"trial-{1 + len(self.state.trials)}"
        folder = self._out / MERGES / name
        self._merge(uniform_recipe([self._folders[each] for each in members], self._options), folder)
        score = self._scorer.score(folder, name)
        kept = score >= self.state.score
        before = self.state.score
        trial = Trial(members=members, score=score, kept=kept)
        self._write(replace(self.state, trials=(*self.state.trials, trial)))
        shutil.rmtree(
            folder, ignore_errors=True
        )  # the soup is merged again from its members, to the same bytes
        verdict = "kept" if kept else "left out"
        self._options.say(f"{name}: candidate {number} {verdict}: score {score:.6g}, before {before:.6g}")

    def _finish(self) -> RecipeReport | None:
        members = self.state.members
        if len(members) > 1:
            recipe = uniform_recipe([self._folders[each] for each in members], self._options)
        else:
            # The best candidate alone: a merge with another one that has no weight is that candidate.
            other = self.state.order[1]
            weights = ((members[0], 1.0), (other, 0.0))
            models = [
                {"model": str(self._folders[each]), "parameters": {"weight": weight}}
                for each, weight in weights
            ]
            recipe = _recipe("linear", models, self._options)
        notes = {"greedy_soup": {**asdict(self.state), "members": list(members), "score": self.state.score}}
        return self._merge(recipe, self._out / MERGES / SOUP, notes)

    def _merge(
        self, recipe: RecipeFile, folder: Path, notes: dict[str, Any] | None = None
    ) -> RecipeReport | None:
        if folder.exists():
            check_finished([folder], [recipe], relative_to=Path())
            return None
        how = RunOptions(on_progress=self._options.on_progress, notes=notes or {})
        (report,) = merge_recipes([recipe], folder.parent, [folder.name], how).reports
        return report

    def _read(self, wanted: SoupState) -> SoupState:
        file = self._out / STATE
        if not file.is_file():
            if entries(self._out):
                raise BenchError(f"{self._out}: is not empty and contains no soup: name another folder")
            return wanted
        try:
            content = json.loads(file.read_bytes())
            trials = tuple(
                Trial(members=tuple(each["members"]), score=each["score"], kept=each["kept"])
                for each in content["trials"]
            )
            found = SoupState(
                candidates=tuple(content["candidates"]),
                scorer=content["scorer"],
                scores=tuple(content["scores"]),
                trials=trials,
            )
        except (ValueError, KeyError, TypeError) as error:
            raise BenchError(f"{file}: is not the state of a soup: {error!r}") from error
        for name in ("candidates", "scorer"):
            if getattr(found, name) != getattr(wanted, name):
                raise BenchError(
                    f"{self._out}: contains a soup with other {name} ({getattr(found, name)!r:.300}): name "
                    "another folder"
                )
        return found

    def _write(self, state: SoupState) -> None:
        self.state = state
        self._out.mkdir(parents=True, exist_ok=True)
        write_file(self._out / STATE, json.dumps(asdict(state), indent=1) + "\n")
