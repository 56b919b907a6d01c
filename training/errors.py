"""Errors of training."""

from __future__ import annotations


class TrainingError(Exception):
    """Training cannot start or continue; the message says why and what to do."""


class NoPairsError(TrainingError):
    """Records have no two replies to one task whose rewards differ."""


class DivergedError(TrainingError):
    """The loss, gradient, weights or predictions of an update are not finite.

    Args:
        figure: The figure that is not finite, as the subject of a sentence.
        value: Its value.
    """

    def __init__(self, figure: str, value: float) -> None:
        self.figure, self.value = figure, value
        super().__init__(f"{figure} is {value}: lower the learning rate, or look at the rewards")

    def __reduce__(self) -> tuple[type[DivergedError], tuple[str, float]]:
        """Make the error from its figure and value again, in another process."""
        return type(self), (self.figure, self.value)
