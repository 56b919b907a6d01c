"""Eval logs of inspect_ai, one for each agent in each environment, which its viewer and its data frames read.

A log is a zip archive of JSON: `header.json`, `summaries.json`, `reductions.json` and a file for each sample.
The problem is the sample, and the number of our sample is the epoch. inspect_ai is not needed to write a log.

References:
    inspect_ai 0.3.285, `inspect_ai.log.EvalLog`, version 2 of the format.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from statistics import fmean, stdev
from typing import Any

from ..keys import EpisodeKey, episode_key
from ..record import EpisodeRecord
from .final import episodes_on, final_records
from .inspect_sample import SCORERS, sample_of, summary_of
from .outcome import file_word, new_folder, plain, settings_of

SUFFIX = ".eval"
_FORMAT = 2
_FIRST_DATE = (1980, 1, 1, 0, 0, 0)
"""Date of the members of an archive, so that equal records give equal bytes."""
_OPTIONS = {
    "temperature": "temperature",
    "top_p": "top_p",
    "max_completion_tokens": "max_tokens",
    "model_seed": "seed",
    "reasoning_effort": "reasoning_effort",
}
"""Names of our sampling settings in inspect_ai."""


@dataclass(kw_only=True)
class _Sampled:
    """The scores of the samples of a log so far."""

    summaries: list[dict[str, Any]] = field(default_factory=list)
    solved: dict[str, list[bool]] = field(default_factory=dict)
    """Outcomes of the valid samples by problem."""
    usage: dict[str, Any] = field(default_factory=dict)
    total_s: float = 0.0


def export_logs(source: Path, to: Path) -> list[Path]:
    """Write a log for each agent in each environment; return the paths.

    Records carry no time of day, so every log was made when the file of records was last changed.

    Args:
        source: File of records.
        to: Folder to create.

    Raises:
        RecordError: `source` cannot be read, a line is no record, or `to` is not empty.
        OSError: `to` cannot be written.
    """
    finals = final_records(source)
    failures = {each.line: each.failures for each in finals.values()}
    created = datetime.fromtimestamp(int(source.stat().st_mtime), UTC)
    logs: dict[tuple[str, str, str], _Log] = {}
    with new_folder(to) as folder, ExitStack() as stack:
        for line, episode in episodes_on(source, failures):
            env_id, settings, agent, _, _ = key = episode_key(episode)
            if (env_id, settings, agent) not in logs:
                logs[env_id, settings, agent] = _Log(folder, episode, key, created, stack)
            logs[env_id, settings, agent].add(episode, failures[line])
        for log in logs.values():
            log.finish()
    return [to / log.path.name for log in logs.values()]


class _Log:
    """A log that is being written.

    Args:
        folder: Folder of the logs.
        first: First record of the log.
        key: Key of this record.
        created: Time of the log.
        stack: Closes the archive.
    """

    def __init__(
        self, folder: Path, first: EpisodeRecord, key: EpisodeKey, created: datetime, stack: ExitStack
    ) -> None:
        self._first, self._created, self._sampled = first, created, _Sampled()
        self._id = sha256("\n".join(map(str, key[:3])).encode()).hexdigest()[:22]
        self._ids: dict[str, str] = {}
        # inspect_ai takes time, task, model and id from the name.
        name = f"{created:%Y-%m-%dT%H-%M-%S}-00-00_{file_word(first.env_id)}"
        self.path = folder / f"{name}_{file_word(first.agent.name)}_{self._id}{SUFFIX}"
        self._archive = stack.enter_context(zipfile.ZipFile(self.path, "x", zipfile.ZIP_DEFLATED))

    def add(self, episode: EpisodeRecord, failures: Sequence[str]) -> None:
        """Write the sample of an episode."""
        name = self._ids.setdefault(episode.problem_digest, self._fresh(episode.problem_id))
        content = sample_of(episode, name=name, log_id=self._id, created=self._created, failures=failures)
        self._write(f"samples/{name}_epoch_{content['epoch']}.json", content)
        sampled = self._sampled
        sampled.summaries.append(summary_of(content))
        sampled.total_s += content["total_time"]
        outcomes = sampled.solved.setdefault(name, [])
        if content.get("scores"):
            outcomes.append(content["scores"]["solved"]["value"] == "C")
        for model, usage in content["model_usage"].items():
            known = sampled.usage.setdefault(model, dict.fromkeys(usage, 0))
            for kind, count in usage.items():
                known[kind] = known.get(kind, 0) + count

    def finish(self) -> None:
        """Write the parts about all samples."""
        scored = {name: fmean(outcomes) for name, outcomes in self._sampled.solved.items() if outcomes}
        self._write("summaries.json", self._sampled.summaries)
        self._write("reductions.json", [_reduction(scored)])
        self._write("header.json", self._header(list(scored.values())))

    def _fresh(self, problem_id: str) -> str:
        """Return an id that no other problem of the log has."""
        taken = set(self._ids.values())
        name, number = problem_id, 1
        while name in taken:
            number += 1
            name = f"{problem_id} ({number})"
        return name

    def _header(self, rates: Sequence[float]) -> dict[str, Any]:
        times = {
            "started_at": self._created.isoformat(),
            "completed_at": (self._created + timedelta(seconds=self._sampled.total_s)).isoformat(),
        }
        return {
            "version": _FORMAT,
            "status": "success",
            "eval": self._spec(),
            "plan": {
                "name": "codefrontier",
                "steps": [{"solver": self._first.agent.kind, "params": dict(self._first.agent.settings)}],
                "config": _config(self._first.agent.settings),
            },
            "results": self._results(rates),
            "stats": {**times, "model_usage": self._sampled.usage, "role_usage": {}},
        }

    def _spec(self) -> dict[str, Any]:
        first, summaries = self._first, self._sampled.summaries
        agent, settings = first.agent, plain(settings_of(first))
        return {
            "eval_id": self._id,
            "run_id": self._id,
            "created": self._created.isoformat(),
            "task": first.env_id,
            "task_id": self._id,
            "task_version": first.env_version,
            "task_attribs": {},
            "task_args": settings,
            "task_args_passed": {},
            "dataset": {
                "name": str(settings.get("problem_set", first.env_id)),
                "samples": len(self._ids),
                "sample_ids": list(dict.fromkeys(summary["id"] for summary in summaries)),
                "shuffled": False,
            },
            "model": agent.name,
            "model_generate_config": _config(agent.settings),
            "model_args": {},
            "config": {
                "epochs": max(summary["epoch"] for summary in summaries),
                "epochs_reducer": ["mean"],
                "fail_on_error": False,
            },
            "packages": {"codefrontier": first.package_version},
            "metadata": {
                "exported_by": "codefrontier records export",
                "mode": first.mode,
                "language": first.language,
                "agent": plain(
                    {
                        "kind": agent.kind,
                        "model": agent.model,
                        "digest": agent.digest,
                        "settings": dict(agent.settings),
                    }
                ),
                "created": "time at which the file of records was last changed",
            },
            "scorers": [{"name": name, "metrics": metrics} for name, metrics in SCORERS.items()],
        }

    def _results(self, rates: Sequence[float]) -> dict[str, Any]:
        """Return the accuracy: the mean over problems of the share of solved samples, which is pass@1."""
        summaries = self._sampled.summaries
        metrics: dict[str, Any] = {}
        if rates:
            error = stdev(rates) / len(rates) ** 0.5 if len(rates) > 1 else 0.0
            metrics = {
                name: {"name": name, "value": value, "params": {}}
                for name, value in (("accuracy", fmean(rates)), ("stderr", error))
            }
        score = {
            "name": "solved",
            "scorer": "solved",
            "reducer": "mean",
            "scored_samples": len(rates),
            "unscored_samples": len(self._ids) - len(rates),
            "params": {},
            "metrics": metrics,
        }
        return {
            "total_samples": len(summaries),
            "completed_samples": sum(summary["completed"] for summary in summaries),
            "scores": [score],
            "headline": {"scorer": "solved", "score": "solved", "metric": "accuracy"},
        }

    def _write(self, name: str, content: Any) -> None:
        text = json.dumps(content, ensure_ascii=False, allow_nan=False)
        member = zipfile.ZipInfo(name, _FIRST_DATE)
        member.compress_type = zipfile.ZIP_DEFLATED
        self._archive.writestr(member, text.encode("utf-8", "replace"))


def _config(settings: Mapping[str, Any]) -> dict[str, Any]:
    return plain({theirs: settings.get(ours) for ours, theirs in _OPTIONS.items()})


def _reduction(scored: Mapping[str, float]) -> dict[str, Any]:
    rows: Iterable[dict[str, Any]] = (
        {"value": rate, "sample_id": name, "history": []} for name, rate in scored.items()
    )
    return {"scorer": "solved", "reducer": "mean", "samples": list(rows)}
