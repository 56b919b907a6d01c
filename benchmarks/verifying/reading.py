"""Read the answers of verifiers from records of the environment Verification."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from ...agents import EpisodeRecord
from ...agents.records import final_episodes
from ...agents.records.files import find_records
from ...agents.records.record import read_episodes
from ...agents.regrading.problem_source import ProblemSource
from ...problems.verification import task_facts
from ..analysis.verification import VerifierAnswer
from ..errors import BenchError

PREFIX = "Verification"
_NUMBERS = re.compile(r"\d+")


def read_answers(paths: Sequence[Path]) -> dict[tuple[str, str], list[VerifierAnswer]]:
    """Return the answers in runs, by agent and environment; episodes without a reward are left out.

    Raises:
        BenchError: No episode is of the environment Verification.
        RecordError: Records cannot be read.
        ProblemError: The set of the tasks is not where the records say.
    """
    source = ProblemSource()
    found: dict[tuple[str, str], list[VerifierAnswer]] = {}
    for path in dict.fromkeys(paths):
        for episode in final_episodes(read_episodes(find_records(path)).episodes):
            if episode.env_id.startswith(PREFIX) and episode.reward_valid:
                key = (episode.agent.name, episode.env_id)
                found.setdefault(key, []).append(answer_of(episode, source))
    if not found:
        named = ", ".join(map(str, paths))
        raise BenchError(f"{named}: no episode of the environment Verification")
    return found


def answer_of(episode: EpisodeRecord, source: ProblemSource) -> VerifierAnswer:
    """Return the answer of an episode.

    Raises:
        ProblemError: The task is not found.
    """
    facts = task_facts(source.find(episode))
    rates = facts["pass_rates"]
    numbers = tuple(map(int, _NUMBERS.findall(episode.submission or "")))
    known = all(1 <= number <= len(rates) for number in numbers)
    return VerifierAnswer(
        task=episode.problem_id,
        base=facts["base"],
        turn=facts["turn"],
        problem=facts["problem"],
        kind=facts["kind"],
        sample=episode.sample,
        order=numbers if known and episode.judgement is not None else (),
        pass_rates=tuple(rates),
    )
