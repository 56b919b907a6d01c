"""The environments in the shape that other libraries want; each adapter is a module that needs its library.

`verifiers`, `trl`, `verl`, `skyrl`, `openenv`, `inspect_ai` and `nemo_gym` are imported by name, for example
`from codefrontier.envs.adapters.trl import environment_factory`. All of them play episodes through `Session`,
and give the reward that `env.step` gave. An episode without a reward (infrastructure failed) is never a zero:
each says in its docstring what its library gets instead.
"""

from .session import InvalidEpisodeError, Session

__all__ = ["InvalidEpisodeError", "Session"]
