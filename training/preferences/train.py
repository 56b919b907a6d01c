"""Direct preference optimization of a checkpoint on pairs of replies."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from ...agents.policy.checkpoint import identify, load_tokens
from ...agents.policy.tokenizer import PolicyTokenizer, eos_ids
from ..checkpoint import check_whole, find_checkpoint
from ..distributed.launch import on_ranks
from ..errors import TrainingError
from ..models.trained import TrainedModel
from ..rows import RL, Row, token_counts
from ..run import deciding, load_last, own_folder
from ..settings import DPOSettings
from ..sft.finetune import epoch_order, rows_digest
from ..sft.loop import Lessons, Observer, learn
from ..tracking.trackers import check_installed
from ..updating.reference import Reference
from .loss import PairScores, dpo_advantages, dpo_loss
from .pairs import PreferencePair, select_pairs

if TYPE_CHECKING:
    from ..distributed.world import World

STAGE = "dpo"


def train_dpo(settings: DPOSettings, *, on_step: Observer = lambda metrics: None) -> Path:
    """Train a checkpoint on pairs of replies from records, and return the folder of the last checkpoint.

    Sets the number of threads of torch for the process.

    Args:
        settings: Settings of the run.
        on_step: Called with the metrics of each step; `algorithm` has the mean loss, margin and accuracy of
            the pairs before the step.

    Raises:
        TrainingError: A file cannot be read, there is no pair, or the run cannot start or continue.
        AgentError: A checkpoint cannot be loaded.
        OSError: The folder of the run cannot be written.

    References:
        arXiv 2305.18290.
    """
    torch.set_num_threads(settings.threads)
    check_installed(settings.track)
    return on_ranks(settings.device, lambda world: _lead(settings, on_step, world), out=settings.out)


def _lead(settings: DPOSettings, on_step: Observer, world: World | None) -> Path:
    if world is not None:
        raise TrainingError("train dpo runs in one process: start it without torchrun")
    start = find_checkpoint(settings.init)
    other = start if settings.reference is None else find_checkpoint(settings.reference)
    for each in (start, other):
        check_whole(each)
    tokens = load_tokens(start)
    policy = PolicyTokenizer(tokens.tokenizer, eos_ids=eos_ids(tokens.generation), context=tokens.context)
    selection = select_pairs(policy, settings)
    pairs = selection.pairs
    steps = settings.steps or math.ceil(len(pairs) * settings.epochs / settings.batch)
    rows = [row for pair in pairs for row in (pair.chosen, pair.rejected)]
    with own_folder(settings.out, STAGE):
        deciders = deciding(
            settings,
            steps=steps,
            init_digest=identify(start).digest,
            reference_digest=identify(other).digest,
            rows_digest=rows_digest(rows),
        )
        resumed = load_last(settings, STAGE, deciders)
        trained = TrainedModel.load(
            start,
            settings,
            device=settings.device,
            seed=settings.seed,
            resumed=None if resumed is None else resumed.folder,
        )
        reference = Reference.load(other, settings, device=settings.device)
        teacher = PairTeacher(settings, trained, reference, pairs)
        lessons = Lessons(
            rows_of=teacher.rows_of,
            steps=steps,
            deciders=deciders,
            described={"selection": selection.described},
            report=lambda: teacher.report,
            stage=STAGE,
        )
        return learn(settings, lessons, trained, resumed, on_step)


class PairTeacher:
    """Turns the pairs of a step into rows whose policy loss has the gradient of the loss of DPO.

    Args:
        settings: Settings of the run.
        trained: The model in training; its weights at the time of a call decide the advantages.
        reference: The reference policy.
        pairs: All pairs of the run.
    """

    def __init__(
        self,
        settings: DPOSettings,
        trained: TrainedModel,
        reference: Reference,
        pairs: Sequence[PreferencePair],
    ) -> None:
        self.report: dict[str, float] = {}
        """Means over the pairs of the last step, under the weights before it."""
        self._settings = settings
        self._trained = trained
        self._pairs = pairs
        rows = [row for pair in pairs for row in (pair.chosen, pair.rejected)]
        self._reference = reply_log_probs(reference, rows)

    def rows_of(self, step: int) -> list[Row]:
        """Return the rows of a step, counted from 0: the better and the worse reply of each of its pairs."""
        settings, count = self._settings, len(self._pairs)
        places = [divmod(place, count) for place in range(step * settings.batch, (step + 1) * settings.batch)]
        orders = {epoch: epoch_order(count, epoch, settings.seed) for epoch, _ in places}
        chosen = [orders[epoch][index] for epoch, index in places]
        rows = [
            row for number in chosen for row in (self._pairs[number].chosen, self._pairs[number].rejected)
        ]
        return self._weighted(rows, chosen)

    def _weighted(self, rows: list[Row], numbers: list[int]) -> list[Row]:
        scored = Reference(self._trained.model, self._settings, freeze=False).score(_plain(rows))
        policy = torch.stack([_total(row) for row in scored]).view(-1, 2)
        reference = self._reference.view(-1, 2)[numbers]
        scores = PairScores(
            chosen=policy[:, 0],
            rejected=policy[:, 1],
            chosen_reference=reference[:, 0],
            rejected_reference=reference[:, 1],
        )
        beta = self._settings.beta
        strength = dpo_advantages(scores, beta=beta)
        # The update divides by the number of learned tokens; the loss of DPO is a mean over pairs.
        plain = _plain(rows)
        scale = token_counts(plain)[RL] / len(numbers)
        signed = torch.stack([strength, -strength], dim=1).flatten() * scale
        margins = scores.margins(beta)
        self.report = {
            "pair_loss": float(dpo_loss(scores, beta=beta).mean()),
            "margin": float(margins.mean()),
            "pair_accuracy": float((margins > 0).float().mean()),
        }
        weighted = []
        for row, known, advantage in zip(plain, scored, signed, strict=True):
            assert known.reference_log_probs is not None
            # Log-probs of these very weights, so that every ratio is 1 and no correction applies.
            weighted.append(
                replace(
                    row,
                    advantages=advantage.float() * row.loss_mask,
                    sampler_log_probs=known.reference_log_probs * row.loss_mask,
                )
            )
        return weighted


def reply_log_probs(reference: Reference, rows: Sequence[Row]) -> torch.Tensor:
    """Return the log-prob of each reply, summed over its tokens: float64 [rows]."""
    return torch.stack([_total(row) for row in reference.score(_plain(rows))])


def _plain(rows: Sequence[Row]) -> list[Row]:
    """Return the rows with a weight of 1 for the sampled tokens, and nothing else to learn."""
    return [replace(row, weights={RL: row.loss_mask.float()}) for row in rows]


def _total(row: Row) -> torch.Tensor:
    assert row.reference_log_probs is not None
    return (row.reference_log_probs * row.loss_mask).double().sum()
