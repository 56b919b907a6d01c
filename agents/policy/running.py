"""A batch that is being sampled: further requests join it when rows end.

Each request has its own random numbers, so the other requests of a batch affect its result by rounding only.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

import torch
from torch import Tensor

from ..errors import ModelError
from .memory import Memory, memory_of
from .sampler import Candidates, Sampled, SampleRequest, choose, entropy_of, stream

JOIN_AT = 0.125
"""Share of the rows that must be free before waiting requests join a batch: reading a few prompts costs as
much as sampling a token of every row."""
SHRINK_AT = 0.875
"""Without waiting requests, rows that have ended are removed when at most this share of the rows is still
being sampled."""

Ends = Callable[[SampleRequest, Sequence[int]], bool]
"""Returns whether a stop text ends a continuation that the model has not ended."""
Check = Callable[[SampleRequest], None]
"""Raises ValueError if a request does not suit the model."""


@dataclass(frozen=True, kw_only=True)
class Step:
    """A sampled token."""

    token_id: int
    log_prob: float
    """Log-prob under the model itself (temperature 1, top_p 1)."""
    top: Candidates = ()
    """The most probable tokens, as many as the request asked for."""


class Follower(Protocol):
    """Gets the tokens of a request while it is sampled, in the thread that samples."""

    @property
    def wanted(self) -> bool:
        """Whether the request is still wanted; a request that is not gives its row back."""
        ...

    def note(self, step: Step) -> None:
        """Take the next token; must be quick, and raise nothing."""
        ...


@dataclass(kw_only=True, eq=False)
class Job:
    """A request with its result, which is set once it is known."""

    request: SampleRequest
    follower: Follower | None = field(default=None, repr=False)
    sampled: Sampled | None = None
    error: Exception | None = None

    @property
    def done(self) -> bool:
        """Whether there is a result or an error."""
        return self.sampled is not None or self.error is not None

    @property
    def wanted(self) -> bool:
        """Whether anybody still wants the result."""
        return self.follower is None or self.follower.wanted

    def drop(self) -> None:
        """Give the request up, since nobody wants its result."""
        self.error = ModelError("the request was cancelled")


@dataclass(kw_only=True, eq=False)
class _Row:
    """A request that is being sampled."""

    job: Job
    uniform: list[float] = field(repr=False)
    token_ids: list[int] = field(default_factory=list)
    log_probs: list[float] = field(default_factory=list)
    entropy: list[float] = field(default_factory=list)
    top: list[Candidates] = field(default_factory=list)

    @property
    def length(self) -> int:
        """Number of tokens that the model has read: all but the last."""
        return len(self.job.request.prompt_ids) + len(self.token_ids) - 1


class RunningBatch:
    """Samples requests in rows of one batch. Not thread-safe, but its calls may come from different threads.

    Waiting requests join in their order as soon as enough rows are free, which depends on the earlier
    requests alone. So equal queues give equal bits. A model with layers other than plain attention takes
    further requests only when the batch is empty, and only prompts of equal length together.

    Args:
        model: Causal language model of transformers; left in evaluation mode. It may be trained while the
            batch is empty.
        slots: Maximum number of rows.
        stop_ids: Tokens that end a continuation.
        ends: Called after each token of a request with stop texts.
        check: Called for each request before it joins.

    Raises:
        ValueError: `slots` is below 1.
    """

    def __init__(
        self, model: Any, *, slots: int, stop_ids: frozenset[int], ends: Ends, check: Check = lambda _: None
    ) -> None:
        if slots < 1:
            raise ValueError(f"slots must be at least 1, got {slots!r}")
        self._model = model
        self._slots = slots
        self._stop_ids = stop_ids
        self._ends = ends
        self._check = check
        self._rows: list[_Row | None] = []
        self._memory: Memory | None = None
        self._settings: tuple[Tensor, Tensor] | None = None

    @property
    def busy(self) -> bool:
        """Whether some row is being sampled."""
        return any(row is not None for row in self._rows)

    def reset(self) -> None:
        """Drop all rows, for example after an error."""
        self._rows, self._memory, self._settings = [], None, None

    @torch.inference_mode()
    def advance(self, queue: deque[Job]) -> list[Job]:
        """Let requests join if rows are free, sample a token of every row, and return the jobs that are done.

        Args:
            queue: Waiting requests; those that join are removed from its left end.
        """
        if not self.busy:
            self.reset()  # the model may have changed
        if self._memory is None:
            self._memory = memory_of(self._model)
        done = self._drop_unwanted(queue)
        done += self._join(queue) if queue and (self._memory.joins or not self.busy) else []
        if not queue or not self._memory.joins:
            self._shrink()
        if self.busy:
            done += self._extend()
        return done

    def _drop_unwanted(self, queue: deque[Job]) -> list[Job]:
        """Remove requests that nobody wants any more from the rows and from the queue."""
        done = [job for job in queue if not job.wanted]
        if done:
            stay = [job for job in queue if job not in done]
            queue.clear()
            queue.extend(stay)
        for place, row in enumerate(self._rows):
            if row is not None and not row.job.wanted:
                self._rows[place] = None
                self._settings = None
                done.append(row.job)
        for job in done:
            job.drop()
        return done

    def _join(self, queue: deque[Job]) -> list[Job]:
        free = self._slots - sum(row is not None for row in self._rows)
        # The last requests may join before that many rows are free.
        if free < max(1, min(JOIN_AT * self._slots, len(queue))):
            return []
        done, joining = [], []
        for job in self._next(queue, free):
            try:
                self._check(job.request)
            except ValueError as error:
                job.error = error
                done.append(job)
            else:
                joining.append(_Row(job=job, uniform=stream(job.request).tolist()))
        return [*done, *self._read(joining)] if joining else done

    def _next(self, queue: deque[Job], free: int) -> list[Job]:
        """Take the next requests from the queue: the first ones, or the first ones of one length."""
        assert self._memory is not None
        length = len(queue[0].request.prompt_ids)
        taken: list[Job] = []
        passed: list[Job] = []
        while queue and len(taken) < free:
            job = queue.popleft()
            suits = self._memory.joins or len(job.request.prompt_ids) == length
            (taken if suits else passed).append(job)
        queue.extendleft(reversed(passed))
        return taken

    def _read(self, joining: Sequence[_Row]) -> list[Job]:
        """Read the prompts of new rows and sample the first token of each."""
        assert self._memory is not None
        self._model.eval()
        unused = [place for place, row in enumerate(self._rows) if row is None]
        more = range(len(self._rows), len(self._rows) + len(joining) - len(unused))
        places = [*unused[: len(joining)], *more]
        self._rows += [None] * len(more)
        for place, row in zip(places, joining, strict=True):
            self._rows[place] = row
        self._settings = None
        logits = self._memory.read([row.job.request.prompt_ids for row in joining], places)
        return self._append(places, logits, *self._settings_of(joining))

    def _extend(self) -> list[Job]:
        """Sample the next token of every row."""
        assert self._memory is not None
        logits = self._memory.extend(
            [row.token_ids[-1] if row else 0 for row in self._rows],
            [row.length if row else 0 for row in self._rows],
        )
        if self._settings is None:
            self._settings = self._settings_of(self._rows)
        return self._append(range(len(self._rows)), logits, *self._settings)

    def _settings_of(self, rows: Sequence[_Row | None]) -> tuple[Tensor, Tensor]:
        """Return temperature and top_p of each row, float64 [rows]."""
        settings = [
            (row.job.request.temperature, row.job.request.top_p) if row else (1.0, 1.0) for row in rows
        ]
        temperature, top_p = torch.tensor(settings, dtype=torch.float64, device=self._model.device).T
        return temperature, top_p

    def _append(self, places: Sequence[int], logits: Tensor, temperature: Tensor, top_p: Tensor) -> list[Job]:
        """Choose a token from the logits of each place, and return the jobs that end with it."""
        rows = [self._rows[place] for place in places]
        uniform = torch.tensor(
            [row.uniform[len(row.token_ids)] if row else 0.0 for row in rows],
            dtype=torch.float64,
            device=logits.device,
        )
        tokens = choose(logits, uniform, temperature, top_p)
        log_probs = torch.log_softmax(logits, dim=-1)
        chosen = log_probs.gather(-1, tokens[:, None]).squeeze(-1).tolist()
        wanted = any(row is not None and row.job.request.entropy for row in rows)
        entropy = entropy_of(log_probs).tolist() if wanted else chosen
        tops = _tops(log_probs, [row.job.request.top if row else 0 for row in rows])
        done = []
        for place, row, token, log_prob, spread, top in zip(
            places, rows, tokens.tolist(), chosen, entropy, tops, strict=True
        ):
            step = Step(token_id=token, log_prob=log_prob, top=top)
            if row is not None and self._note(row, step, spread):
                self._rows[place] = None
                done.append(row.job)
        return done

    def _note(self, row: _Row, step: Step, entropy: float) -> bool:
        """Append a token to a row, and return whether the row ends with it."""
        request, follower = row.job.request, row.job.follower
        row.token_ids.append(step.token_id)
        row.log_probs.append(step.log_prob)
        row.entropy.append(entropy)
        row.top.append(step.top)
        if follower is not None and _is_finite(step.log_prob):
            follower.note(step)
        reason: Literal["stop", "length"]
        if step.token_id in self._stop_ids or (request.stop and self._ends(request, row.token_ids)):
            reason = "stop"
        elif len(row.token_ids) >= request.max_new_tokens:
            reason = "length"
        else:
            return False
        if all(map(_is_finite, row.log_probs)):
            row.job.sampled = Sampled(
                token_ids=tuple(row.token_ids),
                log_probs=tuple(row.log_probs),
                finish_reason=reason,
                exact=request.temperature == 1 and request.top_p == 1,
                entropy=tuple(row.entropy) if request.entropy else None,
                top=tuple(row.top) if request.top else None,
            )
        else:
            row.job.error = ModelError("the model's output is not finite: its weights are damaged")
        return True

    def _shrink(self) -> None:
        """Remove rows that have ended."""
        stay = [place for place, row in enumerate(self._rows) if row is not None]
        if stay and len(stay) <= SHRINK_AT * len(self._rows):
            assert self._memory is not None
            self._memory.keep(stay)
            self._rows = [self._rows[place] for place in stay]
            self._settings = None


def sample_all(batch: RunningBatch, requests: Sequence[SampleRequest]) -> list[Sampled]:
    """Sample requests in an empty batch until all are done, and return the results in their order.

    Raises:
        ValueError: A request does not suit the model.
        ModelError: The model's output is not finite.
    """
    jobs = [Job(request=request) for request in requests]
    queue = deque(jobs)
    while queue or batch.busy:
        batch.advance(queue)
    for job in jobs:
        if job.error is not None:
            raise job.error
    return [job.sampled for job in jobs if job.sampled is not None]


def _tops(log_probs: Tensor, wanted: Sequence[int]) -> list[Candidates]:
    """Return the most probable tokens of each row, as many as wanted."""
    most = min(max(wanted), log_probs.shape[-1])
    if most == 0:
        return [()] * len(wanted)
    values, ids = log_probs.topk(most, dim=-1)
    return [
        tuple(zip(row_ids[:count], row_values[:count], strict=True))
        for count, row_ids, row_values in zip(wanted, ids.tolist(), values.tolist(), strict=True)
    ]


def _is_finite(log_prob: float) -> bool:
    return -float("inf") < log_prob < float("inf")
