"""The problems of a run on disk: written whole, synced, and published once."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ...problems import Problem, Proof, package_digest, store_problem, write_proofs
from ...system import sync, sync_tree

PROBLEMS, PENDING = "problems", "pending"


@dataclass(frozen=True, kw_only=True)
class ProblemStore:
    """The folders of a run: `problems` is the set, `pending` has members of chains that are not complete."""

    folder: Path

    @property
    def published(self) -> Path:
        """Folder of the set."""
        return self.folder / PROBLEMS

    def keep(self, problem: Problem) -> None:
        """Write a problem into the set and wait until it is on the disk. Writing it again changes nothing."""
        self._store(problem, self.published)

    def hold(self, problem: Problem) -> None:
        """Write a problem for later publication."""
        if not (self.published / problem.id).exists():
            self._store(problem, self.folder / PENDING)

    def publish(self, ids: Sequence[str]) -> None:
        """Move problems that are held into the set. Repeating this after a crash changes nothing."""
        self.published.mkdir(parents=True, exist_ok=True)
        for problem_id in ids:
            held, target = self.folder / PENDING / problem_id, self.published / problem_id
            if not target.exists():
                os.rename(held, target)
            elif held.exists():
                shutil.rmtree(held)
        sync(self.published)

    def missing(self, ids: Sequence[str]) -> list[str]:
        """Return the ids of the set that have no folder."""
        return [each for each in ids if not (self.published / each).is_dir()]

    def prove(self, outcomes: Mapping[str, tuple[str, str]]) -> None:
        """Write the results of the examinations beside the problems.

        Args:
            outcomes: Outcome and reason by id, for all problems of the set.
        """
        if outcomes:
            proofs = {
                name: Proof(package=package_digest(self.published / name), outcome=outcome, reason=reason)
                for name, (outcome, reason) in outcomes.items()
            }
            write_proofs(self.published, proofs)

    def _store(self, problem: Problem, parent: Path) -> None:
        folder = store_problem(problem, parent).folder
        sync_tree(folder)
        sync(parent)
