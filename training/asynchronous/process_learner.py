"""A learner in a process of its own, so that sampling and updates do not share an interpreter."""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Mapping, Sequence
from multiprocessing.connection import Pipe
from types import TracebackType
from typing import Any, Self

from torch import Tensor

from ..errors import TrainingError
from ..models.settings import ModelSettings
from ..models.trained import TrainedModel
from ..rows import Row
from ..updating.update import UpdateMetrics, UpdateSettings

_MODULE = f"{__name__.rpartition('.')[0]}.learner_main"
_END_LIMIT_S = 5.0
"""Seconds that the process has to end once it has closed its pipe."""


class ProcessLearner:
    """Trains a model in another process; a context manager.

    Args:
        trained: The model, on the CPU. It stays as it is: the process trains a copy.
        settings: Settings of the model and of the optimizer.
        lr: Learning rate, until an update sets another.
        threads: Number of torch threads of the process.

    Raises:
        TrainingError: The process cannot start.
    """

    def __init__(self, trained: TrainedModel, settings: ModelSettings, *, lr: float, threads: int) -> None:
        self.weights: Sequence[Tensor] = trained.weights
        self._pipe, theirs = Pipe()
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-m", _MODULE, str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                # Ctrl-C must reach this process only, which then ends the process of the learner.
                start_new_session=True,
            )
        try:
            self._ask("start", trained.copied(), settings, lr, threads)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the process at once, also during an update. A second call does nothing."""
        self.process.kill()  # it has nothing to save
        self.process.wait()

    def update(
        self, rows: Sequence[Row], settings: UpdateSettings, *, lr: float | None = None
    ) -> UpdateMetrics:
        """Take the optimizer steps of a batch in the process; see `Learner`."""
        metrics, self.weights = self._ask("update", list(rows), settings, lr)
        assert isinstance(metrics, UpdateMetrics)
        return metrics

    def optimizer_state(self) -> dict[str, Any]:
        """Return the state of the optimizer."""
        return dict(self._ask("optimizer_state"))

    def load_optimizer(self, state: Mapping[str, Any]) -> None:
        """Restore the state of the optimizer."""
        self._ask("load_optimizer", dict(state))

    def _ask(self, method: str, *arguments: Any) -> Any:
        """Call a method of the process and return its result, or raise its error."""
        try:
            self._pipe.send_bytes(pickle.dumps((method, arguments)))
            answer = pickle.loads(self._pipe.recv_bytes())
        except (EOFError, OSError) as error:
            raise TrainingError(
                f"the process of the updates is lost ({self._how_it_ended()}), so the step was not taken"
            ) from error
        if isinstance(answer, Exception):
            raise answer
        return answer

    def _how_it_ended(self) -> str:
        try:
            return f"exit status {self.process.wait(_END_LIMIT_S)}"
        except subprocess.TimeoutExpired:
            return f"process {self.process.pid} has closed its pipe"
