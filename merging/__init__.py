"""Arithmetic on checkpoints: `low + alpha * (high - low)` for any real alpha, as a stream.

Nothing here imports torch or the rest of the package; checkpoints are folders of safetensors files.
"""

from .errors import MergeError
from .merge import MergeOptions, Sweep, SweepRefusedError, merge_checkpoints, merge_sweep
from .recipe import MergeReport, Recipe, read_recipe

__all__ = [
    "MergeError",
    "MergeOptions",
    "MergeReport",
    "Recipe",
    "Sweep",
    "SweepRefusedError",
    "merge_checkpoints",
    "merge_sweep",
    "read_recipe",
]
