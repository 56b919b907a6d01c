"""The process of a `ProcessLearner`: it answers the calls that come through a pipe, until the pipe closes."""

from __future__ import annotations

import pickle
import signal
import sys
from multiprocessing.connection import Connection
from typing import Any

import torch

from ..errors import TrainingError
from ..models.settings import ModelSettings
from ..models.trained import TrainedModel
from ..rows import Row
from ..updating.learner import LocalLearner
from ..updating.update import UpdateMetrics, UpdateSettings


class _Server:
    """A learner with the methods that the process of the trainer calls."""

    def start(self, model: Any, settings: ModelSettings, lr: float, threads: int) -> None:
        """Make the learner."""
        torch.set_num_threads(threads)
        self._learner = LocalLearner(TrainedModel.of_copy(model, settings), settings, lr=lr)

    def update(
        self, rows: list[Row], settings: UpdateSettings, lr: float | None
    ) -> tuple[UpdateMetrics, list[torch.Tensor]]:
        """Update, and return the metrics and the new weights."""
        metrics = self._learner.update(rows, settings, lr=lr)
        return metrics, [weight.detach() for weight in self._learner.weights]

    def optimizer_state(self) -> dict[str, Any]:
        """Return the state of the optimizer."""
        return self._learner.optimizer_state()

    def load_optimizer(self, state: dict[str, Any]) -> None:
        """Restore the state of the optimizer."""
        self._learner.load_optimizer(state)


def serve(pipe: Connection) -> None:
    """Answer each call with its result or its `TrainingError`; another error ends the process."""
    server = _Server()
    while True:
        try:
            method, arguments = pickle.loads(pipe.recv_bytes())
        except (EOFError, OSError):
            return  # the process of the trainer has closed the pipe, or has ended
        try:
            answer = getattr(server, method)(*arguments)
        except TrainingError as error:
            answer = error
        try:
            pipe.send_bytes(pickle.dumps(answer))
        except OSError:
            return


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    serve(Connection(int(sys.argv[1])))
