"""Agents that fill in grids with an equilibrium reasoner."""

from __future__ import annotations

import hashlib
import json
import re
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Self, get_args

import torch
from torch import Tensor

from ...judge import Language
from ...problems import Problem
from ..agent import AgentAction, AgentIdentity, TaskInfo
from ..errors import AgentError
from ..policy.checkpoint import find_checkpoint
from .checkpoint import CONFIG, WEIGHTS, load_network
from .grids import GridCodec
from .network import EquilibriumNetwork
from .selection import confidence, majority, select, select_by_residual, weighted_vote
from .solving import Restarts, solve

Selector = Literal["convergence", "residual", "majority", "weighted"]
"""How an answer is chosen among the restarts: the one whose logits, or whose latent states, change least; the
most frequent answer; or the answer with the largest sum of inverse changes."""
SUFFIX = re.compile(r"(?P<path>.+?)@(?P<depth>\d+)x(?P<breadth>\d+)(-(?P<selector>[a-z]+))?")
BLOCK = re.compile(r"^```[^\n]*\n(?P<grid>.*?)^```", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class Budget:
    """How much an agent computes for a grid."""

    depth: int = 16
    """Outer steps of each restart."""
    breadth: int = 4
    """Restarts."""
    selector: Selector = "convergence"

    def __post_init__(self) -> None:
        if min(self.depth, self.breadth) < 1:
            raise AgentError(f"depth and breadth must be at least 1, got {self.depth} and {self.breadth}")
        if self.selector not in get_args(Selector):
            raise AgentError(
                f"selector must be one of {', '.join(get_args(Selector))}, got {self.selector!r}"
            )


class EquilibriumFactory:
    """Makes agents that share one network.

    Args:
        network: The network.
        budget: How much to compute.
        name: Name of the agents in tables.
        digest: Digest of the checkpoint.
        seed: Seed of the restarts; the number of the sample is added to it.
    """

    def __init__(
        self, network: EquilibriumNetwork, budget: Budget, *, name: str, digest: str = "", seed: int = 0
    ) -> None:
        self._network = network
        self._codec = GridCodec.of(network.config.family)
        self._budget = budget
        self._seed = seed
        self._lock = threading.Lock()
        settings = {**vars(budget), "checkpoint": digest, "seed": seed}
        self._identity = AgentIdentity(
            name=name, kind="equilibrium", model=network.config.family, settings=settings
        )

    @classmethod
    def load(cls, spec: str, *, seed: int = 0) -> Self:
        """Load the checkpoint of `PATH[@DEPTHxBREADTH[-SELECTOR]]`; the path may be the folder of a run.

        Raises:
            AgentError: There is no such checkpoint, or the numbers are wrong.
        """
        match = SUFFIX.fullmatch(spec)
        path, budget = Path(spec), Budget()
        if match is not None:
            path = Path(match["path"])
            budget = Budget(
                depth=int(match["depth"]),
                breadth=int(match["breadth"]),
                selector=match["selector"] or Budget.selector,  # type: ignore[arg-type]  # checked by Budget
            )
        folder = find_checkpoint(path)
        network = load_network(folder)
        digest = hashlib.sha256()
        for name in (CONFIG, WEIGHTS):
            digest.update(hashlib.sha256((folder / name).read_bytes()).digest())
        return cls(network, budget, name=f"equilibrium:{spec}", digest=digest.hexdigest(), seed=seed)

    @property
    def identity(self) -> AgentIdentity:
        """Identity of the agents."""
        return self._identity

    def obstacle(self, problem: Problem, language: Language) -> str | None:
        """Return why the agents cannot play a problem; None when they can."""
        family = self._network.config.family
        if problem.source == "grids" and problem.metadata.get("family") == family:
            return None
        return f"problem {problem.id!r} is no grid of the family {family}, which the network was trained on"

    def make(self) -> EquilibriumAgent:
        """Make the agent of one episode."""
        return EquilibriumAgent(self)

    def answer(self, puzzle: str, sample: int) -> Answer:
        """Fill in a grid. Thread-safe: threads take turns."""
        # The place of a puzzle in a run must not matter, so each has a seed of its own.
        key = hashlib.sha256(f"{self._seed + sample} {puzzle}".encode()).digest()
        seed = int.from_bytes(key[:7], "little")
        with self._lock:
            found = solve(
                self._network,
                self._codec.puzzles([puzzle]),
                depth=self._budget.depth,
                breadth=self._budget.breadth,
                seed=seed,
            )
        answers, changes = found.answers(self._budget.depth)[0], found.changes(self._budget.depth)[0]
        chosen, score = choose(found, self._budget)
        agreeing = (answers == chosen).all(dim=-1)
        weight = float((confidence(changes) * agreeing).sum())
        return Answer(
            text=self._codec.text(chosen),
            residual=score,
            agreement=float(agreeing.float().mean()),
            weight=weight,
        )

    def fits(self, text: str) -> bool:
        """Return whether a text is a grid that the network can fill in."""
        return self._codec.fits(text)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A filled grid."""

    text: str
    residual: float
    """Mean change of the latent states of the chosen restart in its last steps."""
    agreement: float
    """Share of the restarts with this answer."""
    weight: float
    """Share of the restarts with this answer, weighted by their convergence, in [0, 1]: a confidence."""


def choose(found: Restarts, budget: Budget) -> tuple[Tensor, float]:
    """Choose among the restarts on the first puzzle; return the answer and the residual of its restart."""
    answers, residuals = found.answers(budget.depth)[0], found.residuals[0]
    if budget.selector == "convergence":
        best = int(select(found.logits[0])[0])
    elif budget.selector == "residual":
        best = int(select_by_residual(residuals)[0])
    else:
        weights = torch.ones(len(answers))
        if budget.selector == "weighted":
            weights = confidence(found.changes(budget.depth)[0])
        voted = majority(answers) if budget.selector == "majority" else weighted_vote(answers, weights)
        best = int((answers == voted).all(dim=-1).nonzero()[0])
    return answers[best], float(residuals[-3:, best].mean())


class EquilibriumAgent:
    """Reads the grid of the first code block, fills it in, and answers with a code block.

    Args:
        factory: Factory with the network.
    """

    def __init__(self, factory: EquilibriumFactory) -> None:
        self._factory = factory
        self._sample = 0

    @property
    def identity(self) -> AgentIdentity:
        """Identity of the agent."""
        return self._factory.identity

    def start(self, task: TaskInfo) -> None:
        """Begin an episode.

        Raises:
            AgentError: The task holds no grid of the network's family.
        """
        self._puzzle(task.observation)
        self._sample = task.sample

    def act(self, observation: str) -> AgentAction:
        """Return the filled grid, with its residual and confidence as the reasoning."""
        answer = self._factory.answer(self._puzzle(observation), self._sample)
        facts = {"residual": answer.residual, "agreement": answer.agreement, "confidence": answer.weight}
        action = f"```\n{answer.text}```\n"
        messages = ({"role": "user", "content": observation}, {"role": "assistant", "content": action})
        return AgentAction(action=action, messages=messages, reasoning=json.dumps(facts))

    def close(self) -> None:
        """Do nothing; the factory keeps the network."""

    def _puzzle(self, observation: str) -> str:
        for match in BLOCK.finditer(observation):
            if self._factory.fits(match["grid"]):
                return match["grid"]
        family = self._factory.identity.model
        raise AgentError(f"the observation has no code block with a grid of the family {family}")
