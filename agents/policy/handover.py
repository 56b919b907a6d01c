"""Weights of a policy in training for a server that samples: versioned folders, and a check that the server
has them."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import torch

from ...system import sync, sync_tree
from ..errors import AgentError, ModelError
from .checkpoint import without_progress_bars
from .policy import LocalPolicy
from .sampler import Sampled, SampleRequest

KEPT = 2
"""Number of folders of weights that are kept: that of the server, and the one before."""
PROBES = (12, 12, 12, 12, 160, 160)
"""Numbers of tokens of the prompts of a check. Servers keep the keys and values of long prompts, in blocks of
up to 128 tokens; after a reload these are wrong unless the server drops them."""
REPLY_LENGTH = 16
"""Number of tokens of a reply in a check."""
TOLERANCE, HALF_TOLERANCE = 1e-3, 0.2
"""Largest accepted difference between log-probs of the server and of this process, for computation in float32
and in 16 bits."""
NOISE = 1e-5
"""Difference between log-probs that rounding can explain, in float32."""

Save = Callable[[Path], None]


class HandoverError(AgentError):
    """A server does not sample from the weights it was given, or cannot be given weights."""


class Replies(Protocol):
    """Samples on a server."""

    def sample(self, request: SampleRequest) -> Sampled:
        """Return a continuation; raises ModelError."""
        ...


def saving(policy: LocalPolicy) -> Save:
    """Return a function that writes the weights of a policy as they are in memory."""

    def save(folder: Path) -> None:
        with without_progress_bars():
            policy.model.save_pretrained(folder)
            policy.tokenizer.save_pretrained(folder)

    return save


class WeightFolders:
    """Folders `version-000012` with weights, configuration and tokenizer, in the format of transformers.

    A folder is written under another name and renamed once it is complete and on the disk, so a server never
    reads a folder that is being written.

    Args:
        root: Folder that holds them.
        save: Writes the current weights, configuration and tokenizer to a folder.
    """

    def __init__(self, root: Path, save: Save) -> None:
        self.root = root
        self._save = save

    def write(self, version: int) -> Path:
        """Write the current weights, remove old versions, and return the new folder.

        Raises:
            OSError: The folder cannot be written.
        """
        folder = self.root / f"version-{version:06d}"
        scratch = self.root / f".{folder.name}.partial"
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir(parents=True)
        self._save(scratch)
        sync_tree(scratch)
        shutil.rmtree(folder, ignore_errors=True)  # of a run that is repeated from an earlier checkpoint
        scratch.rename(folder)
        sync(self.root)
        for old in sorted(self.root.glob("version-*")):
            if old.name < f"version-{max(0, version - KEPT + 1):06d}" or old.name > folder.name:
                shutil.rmtree(old, ignore_errors=True)
        return folder


@dataclass(frozen=True, kw_only=True)
class _Answer:
    """What the server has replied to a probe, and the log-probs of these tokens in this process."""

    sampled: Sampled
    own: tuple[float, ...]


class WeightCheck:
    """Checks by tokens and log-probs that a server samples from the weights in this process.

    A server that still has the previous weights may differ by less than the tolerance after a small step. So
    it is also refused if its log-probs have not moved although the log-probs in this process have.

    Args:
        policy: The policy in this process.
    """

    def __init__(self, policy: LocalPolicy) -> None:
        self._policy = policy
        exact = policy.model.dtype == torch.float32
        self._tolerance = TOLERANCE if exact else HALF_TOLERANCE
        self._before: list[_Answer] = []

    def check(self, server: Replies) -> None:
        """Sample a few prompts on the server and compare.

        Raises:
            HandoverError: The server has other weights.
            ModelError: The server does not answer.
        """
        answers = [self._answer(server, request) for request in self._probes()]
        for answer in answers:
            differences = [
                abs(there - here) for there, here in zip(answer.sampled.log_probs, answer.own, strict=True)
            ]
            if (worst := max(differences)) > self._tolerance:
                place = differences.index(worst)
                token, there = answer.sampled.token_ids[place], answer.sampled.log_probs[place]
                raise HandoverError(
                    f"the server samples from other weights: the log-prob of token {token} is {there:.6f} "
                    f"there, but {answer.own[place]:.6f} by the weights it was given"
                )
        self._check_greedy(answers)
        self._check_moved(answers)
        self._before = answers

    def _probes(self) -> list[SampleRequest]:
        """Return greedy and random requests on prompts of random tokens, the same in every check."""
        generator = random.Random(0)
        tokens = len(self._policy.tokenizer)
        longest = max(1, self._policy.context - REPLY_LENGTH)
        prompts = [tuple(generator.choices(range(tokens), k=min(length, longest))) for length in PROBES]
        room = min(REPLY_LENGTH, self._policy.context - 1)
        greedy = [SampleRequest(prompt_ids=ids, max_new_tokens=room, temperature=0.0) for ids in prompts]
        return [*greedy, *(replace(request, temperature=1.0, seed=7) for request in greedy)]

    def _answer(self, server: Replies, request: SampleRequest) -> _Answer:
        sampled = server.sample(request)
        if not sampled.token_ids:
            raise HandoverError("the server replies with no token to a prompt of random tokens")
        return _Answer(sampled=sampled, own=self._policy.score(request.prompt_ids, sampled.token_ids))

    def _check_greedy(self, answers: Sequence[_Answer]) -> None:
        """Refuse a server whose greedy tokens are not the most probable ones here, except for ties."""
        for answer, best in zip(answers, self._policy.sample(self._probes()[: len(PROBES)]), strict=False):
            pairs = list(zip(answer.sampled.token_ids, best.token_ids, strict=False))
            place = next((place for place, (there, here) in enumerate(pairs) if there != here), None)
            if place is not None and best.log_probs[place] - answer.own[place] > self._tolerance:
                raise HandoverError(
                    f"the server samples from other weights: the most probable token is {pairs[place][0]} "
                    f"there, but {pairs[place][1]} by the weights it was given"
                )

    def _check_moved(self, answers: Sequence[_Answer]) -> None:
        """Refuse a server that answers as with the previous weights."""
        apart = moved = changed = 0.0
        for now, before in zip(answers, self._before, strict=False):
            pairs = zip(now.sampled.token_ids, before.sampled.token_ids, strict=False)
            same = next((place for place, (one, two) in enumerate(pairs) if one != two), None)
            for place in range(min(len(now.own), len(before.own)) if same is None else same):
                there = now.sampled.log_probs[place]
                apart = max(apart, abs(there - now.own[place]))
                moved = max(moved, abs(there - before.sampled.log_probs[place]))
                changed = max(changed, abs(now.own[place] - before.own[place]))
        if changed > NOISE and apart > changed / 2 > moved:
            raise HandoverError(
                "the server still samples from the previous weights: its log-probs have moved by at most "
                f"{moved:.2e}, but those by the weights it was given by {changed:.2e}"
            )


def as_handover_error(error: ModelError) -> HandoverError:
    """Return the error of a server that does not answer the check."""
    return HandoverError(f"the server does not answer the check of its weights: {error}")
