"""SkyRL: our environments as a `BaseTextEnv` of skyrl-gym.

    from skyrl_gym.envs import register
    register(id="codefrontier", entry_point="codefrontier.envs.adapters.skyrl:CodingTextEnv")

A row of the dataset has `env_class: codefrontier`, any prompt, and `extras` with `problem_id`; the first
observation takes the place of the prompt. `done` is terminated or truncated. SkyRL has no mask for single
episodes: when infrastructure fails `step` raises, which fails the trajectory as an error, unless
`raise_when_invalid` is False; then the reward is a placeholder and `metadata["reward_valid"]` is False.
"""

from __future__ import annotations

from typing import Any

from skyrl_gym.envs.base_text_env import BaseTextEnv

from .session import InvalidEpisodeError, Session


class CodingTextEnv(BaseTextEnv):  # type: ignore[misc]  # skyrl-gym has no types
    """One environment for one trajectory.

    Args:
        env_config: `env_id`, `keywords` and `raise_when_invalid`, each optional.
        extras: Of the row: `problem_id`, and `env_id` and `keywords` unless the config has them.
    """

    def __init__(self, env_config: Any = None, extras: dict[str, Any] | None = None) -> None:
        super().__init__()
        config, extras = dict(env_config or {}), extras or {}
        env_id = config.get("env_id") or extras.get("env_id") or "Classics-single"
        keywords = config.get("keywords") or extras.get("keywords") or {}
        self._raises = bool(config.get("raise_when_invalid", True))
        self._problem = extras.get("problem_id")
        self._session = Session(str(env_id), **dict(keywords))
        self.max_turns = self._session.coding.max_turns

    def init(self, prompt: list[dict[str, str]]) -> tuple[list[dict[str, str]], dict[str, Any]]:
        """Begin the episode and return it as a conversation; of the prompt, system messages are kept."""
        observation = self._session.reset(problem=self._problem, seed=0)
        system = [message for message in prompt if message.get("role") == "system"]
        return [*system, {"role": "user", "content": observation}], dict(self._session.info)

    def step(self, action: str) -> dict[str, Any]:
        """Step the environment.

        Raises:
            InvalidEpisodeError: Infrastructure failed, and that is to be told so.
        """
        session = self._session
        reward = session.step(action)
        self.turns += 1
        if not session.valid and self._raises:
            raise InvalidEpisodeError(f"the episode has no reward: {session.info['error']}")
        told = [] if session.over else [{"role": "user", "content": session.observation}]
        return {"observations": told, "reward": reward, "done": session.over, "metadata": dict(session.info)}

    def get_metrics(self) -> dict[str, Any]:
        """Return plain numbers about the episode."""
        return dict(self._session.metrics)

    def close(self) -> None:
        """Close the environment. A second call does nothing."""
        self._session.close()
