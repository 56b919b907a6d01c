"""Identity of episodes: which records belong to the same episode."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from .record import EpisodeRecord

EpisodeKey = tuple[str, str, str, str, int]
"""Environment id, its settings, digest of the agent, digest of the problem, number of the sample."""
SELECTION = ("data", "window")
"""Settings on where problems were read from; they are no part of the key, because the problem's digest is."""

ADDED: Mapping[str, object] = {"answers": 1, "strict": False, "debugger": "real", "layout": "markdown"}
"""Settings that older records lack, with the values that their episodes had. Settings with these values are
no part of the key."""


def episode_key(episode: EpisodeRecord) -> EpisodeKey:
    """Return the key of an episode; records with equal keys are attempts at the same episode."""
    return (
        episode.env_id,
        kwargs_key(episode.env_kwargs),
        episode.agent.digest,
        episode.problem_digest,
        episode.sample,
    )


def kwargs_key(env_kwargs: Mapping[str, object]) -> str:
    """Return an environment's settings as text, equal for equal settings."""
    kept = {
        name: value
        for name, value in env_kwargs.items()
        if name not in SELECTION and (name not in ADDED or value != ADDED[name])
    }
    return json.dumps(kept, sort_keys=True)


def final_episodes(episodes: Iterable[EpisodeRecord]) -> list[EpisodeRecord]:
    """Return one record per episode: the last valid record, or the last if none is valid."""
    final: dict[EpisodeKey, EpisodeRecord] = {}
    for episode in episodes:
        key = episode_key(episode)
        if episode.reward_valid or key not in final or not final[key].reward_valid:
            final[key] = episode
    return list(final.values())


def episode_name(key: EpisodeKey) -> str:
    """Return a readable name of an episode."""
    env_id, _, agent, problem, sample = key
    return f"{env_id}, problem {problem[:12] or '(unknown)'}, agent {agent[:12]}, sample {sample}"
