"""Options that a benchmark passes to its environments; each field is a flag of `codefrontier bench`."""

from __future__ import annotations

from dataclasses import dataclass

from ..envs.options import EnvOptions


@dataclass(frozen=True, kw_only=True)
class BenchEnvOptions(EnvOptions):
    """Keyword arguments of the environments of a benchmark; None keeps the environment's default.

    The arguments are recorded in each episode and are part of its identity.

    Raises:
        ValueError: An environment does not allow a value.
    """

    coverage: float | None = None
    """Share of the hidden tests, in (0, 1], that decides the reward."""
