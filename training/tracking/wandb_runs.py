"""Runs at Weights & Biases; the only module that imports wandb."""

from __future__ import annotations

from collections.abc import Mapping

import wandb

from .tracker import Ledger, TrackedRun, TrackerError


class WandbRun:
    """Gives the metrics to wandb, which sends them, or keeps them in RUN/wandb with `WANDB_MODE=offline`.

    Neither code, commit, list of packages, command line, terminal output nor figures of the machine are sent.

    Args:
        run: The run.

    Raises:
        TrackerError: wandb refuses the run, for example because nobody is logged in.
    """

    name = "wandb"

    def __init__(self, run: TrackedRun) -> None:
        self._ledger = Ledger(run.out / "wandb.json")
        quiet = wandb.Settings(
            console="off",  # otherwise wandb takes over the streams on which the terminal view is drawn
            silent=True,
            disable_code=True,
            disable_git=True,
            x_disable_meta=True,
            x_disable_stats=True,
            x_disable_machine_info=True,
            x_save_requirements=False,
        )
        try:
            self._run = wandb.init(
                project=run.project,
                name=run.name,
                id=self._ledger.run_id,
                dir=run.out,
                config=dict(run.settings),
                # Offline, every start is a folder of its own; `wandb sync` joins them by their id.
                resume="allow",
                reinit="create_new",
                settings=quiet,
            )
        except wandb.Error as error:
            raise TrackerError(f"wandb: {error}") from error

    @property
    def recorded(self) -> int:
        """Largest step that wandb has."""
        return self._ledger.recorded

    def record(self, step: int, values: Mapping[str, float]) -> None:
        """Give the metrics of a step to wandb, which sends them from a process of its own."""
        self._ledger.note(step)
        try:
            self._run.log(dict(values), step=step)
        except wandb.Error as error:
            raise TrackerError(f"wandb: {error}") from error

    def close(self, *, failed: bool) -> None:
        """Wait until everything is sent or written."""
        try:
            self._run.finish(exit_code=int(failed))
        except wandb.Error as error:
            raise TrackerError(f"wandb: {error}") from error
