"""Results in the form of lm-evaluation-harness, for tables and boards that read its files."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np

from ..analysis.clustered import cluster_variance
from ..analysis.statistics import pass_at_k
from .findings import Findings
from .reading import is_told

FILTER = "none"
"""Name of the filter of answers in the names of metrics: programs are judged as they are."""


def lm_eval_results(findings: Findings) -> dict[str, dict[str, Any]]:
    """Return the content of a results file of lm-evaluation-harness for each run, by the name of a folder.

    The task is the environment. A metric is `pass@k,none`, and `pass@k_stderr,none` is its cluster-robust
    standard error, or `N/A` with fewer than 2 clusters. Both are on the problems that all runs share.
    """
    counts, found = findings.counts, {}
    ks = tuple(findings.comparison.runs[0].passes)
    enough = np.flatnonzero(counts.played.all(axis=0) & (counts.samples >= max(ks)).all(axis=0))
    clusters = counts.clusters_of(enough)
    for place, run in enumerate(findings.runs):
        metrics: dict[str, Any] = {"alias": run.env}
        for k in ks:
            values = pass_at_k(counts.samples[place, enough], counts.solved[place, enough], k)
            spread = math.sqrt(cluster_variance(values, clusters)) if clusters.max() else "N/A"
            metrics |= {f"pass@{k},{FILTER}": float(values.mean()), f"pass@{k}_stderr,{FILTER}": spread}
        agent, episodes = findings.agents[run.digest], run.episodes
        assert is_told(episodes)
        found[f"{place + 1:02}-{safe_name(run.label)}"] = {
            "results": {run.env: metrics},
            "group_subtasks": {run.env: []},
            "versions": {run.env: max(episode.env_version for episode in episodes)},
            "n-shot": {run.env: 0},
            "higher_is_better": {run.env: {f"pass@{k}": True for k in ks}},
            "n-samples": {run.env: {"original": int(counts.played[place].sum()), "effective": len(enough)}},
            "configs": {run.env: {"task": run.env}},
            "config": {"model": agent.kind, "model_args": agent.model or "", "limit": None},
            "model_name": run.label,
            "model_name_sanitized": safe_name(run.label),
            "model_source": agent.kind,
        }
    return found


def safe_name(label: str) -> str:
    """Return a label as part of the name of a folder."""
    return re.sub(r"[^\w.+-]+", "_", label)[:80]
