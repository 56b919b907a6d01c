"""Sample from the merges of an attempt; what was sampled once is read again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ....agents import EpisodeRecord, ModelOptions, read_episodes
from ....judge import JudgePool
from ....problems import Problem
from ....problems.families import Split, draw
from ..job import Plays, play_checkpoint
from ..results import HELDOUT, SeedResults
from .attempt import SEEDS, Attempt, Tier
from .ends import Ends, key_of

PROBLEM_SEED = 20_261_130
"""Seed that draws the problems of the attempts; the lab's own are drawn with another seed."""
SCREENED = "screened"
"""Name of the samples that choose the hard tier; nothing else is computed from them."""


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """How much is played."""

    problems: int = 96
    """Number of problems of the tier `all`."""
    samples: int = 12
    """Number of samples per problem and checkpoint on the tier `all`."""
    screened: int = 240
    """Number of problems that the hard tier is chosen from."""
    screening: int = 8
    """Number of samples per problem, seed and end that choose the hard tier."""
    hard_problems: int = 32
    """Number of problems of the hard tier."""
    hard_samples: int = 64
    """Number of samples per problem and checkpoint on the hard tier."""
    quick: bool = False
    """Whether numbers of samples of single attempts are ignored."""


class Evaluation:
    """Plays merges on a split and keeps the records.

    Args:
        ends: The checkpoints.
        split: The split whose problems are played.
        sizes: How much is played.
        folder: Folder of the records.
        judge: Judge of the programs.
        on_play: Called with a text before each checkpoint that is played.
    """

    def __init__(
        self,
        ends: Ends,
        split: Split,
        sizes: Sizes,
        folder: Path,
        judge: JudgePool,
        *,
        on_play: Callable[[str], None] = lambda text: None,
    ) -> None:
        self._ends, self._split, self._sizes, self._folder = ends, split, sizes, folder
        self._judge, self._on_play = judge, on_play
        self._chosen: dict[Tier, list[Problem]] = {}

    def results(self, attempt: Attempt) -> list[SeedResults]:
        """Return the records of each seed of an attempt by alpha.

        They stand under the name of the lab's main split, whatever split they are of: that is where the
        lab's tests look.
        """
        found = []
        for seed in attempt.seeds:
            rows = {alpha: attempt.line(self._ends, seed, alpha) for alpha in attempt.alphas}
            points = {alpha: self._played(row, attempt) for alpha, row in rows.items()}
            found.append(SeedResults(seed=max(seed, 0), episodes={HELDOUT: points}))
        return found

    def problems(self, tier: Tier) -> list[Problem]:
        """Return the problems of a tier; the hard tier is played first when it is not known."""
        if tier not in self._chosen:
            self._chosen[tier] = self._choose(tier)
        return self._chosen[tier]

    def _choose(self, tier: Tier) -> list[Problem]:
        if tier == "all":
            return draw(self._split, PROBLEM_SEED, self._sizes.problems)
        solved: Counter[str] = Counter()
        drawn = draw(self._split, PROBLEM_SEED, self._sizes.screened)
        for seed in SEEDS:
            for side in ("low", "high"):
                name = self._ends.name(seed, side, self._ends.last)
                records = self._records({name: 1.0}, SCREENED, 1.0, 1.0, drawn, self._sizes.screening)
                for episode in records:
                    solved[episode.problem_id] += bool(
                        episode.judgement and episode.judgement.verdict.accepted
                    )
        # Problems that nothing solves tell nothing apart.
        met = [problem for problem in drawn if solved[problem.id] > 0]
        return sorted(met, key=lambda problem: (solved[problem.id], problem.id))[: self._sizes.hard_problems]

    def _played(self, row: Mapping[str, object], attempt: Attempt) -> Sequence[EpisodeRecord]:
        hard = attempt.tier == "hard"
        samples = self._sizes.hard_samples if hard else self._sizes.samples
        if attempt.samples is not None and not self._sizes.quick:
            samples = attempt.samples
        problems = self.problems(attempt.tier)[: attempt.problems]
        return self._records(row, attempt.tier, attempt.temperature, attempt.top_p, problems, samples)

    def _records(
        self,
        row: Mapping[str, object],
        name: str,
        temperature: float,
        top_p: float,
        problems: Sequence[Problem],
        samples: int,
    ) -> list[EpisodeRecord]:
        kept = {end: weight for end, weight in row.items() if weight != 0}
        ids = [problem.id for problem in problems]
        path = self._folder / f"{key_of([kept, name, temperature, top_p, ids, samples])}.jsonl"
        if not path.exists():
            self._on_play(f"{name}: {kept}")
            path.parent.mkdir(parents=True, exist_ok=True)
            # The samples that choose the tier must not be those that are counted on it.
            seed = PROBLEM_SEED if name == SCREENED else 0
            options = ModelOptions(temperature=temperature, top_p=top_p, model_seed=seed)
            checkpoint = self._ends.merged(row)
            plays = Plays(problems=problems, samples=samples, records=path)
            play_checkpoint(self._judge, checkpoint, plays, options=options)
        return list(read_episodes(path).episodes)
