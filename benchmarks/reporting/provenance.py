"""The tables about where the numbers of a report come from."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ...system.provenance import versions
from ..comparing.outcomes import source_name
from ..comparing.sheets import Sheet
from .findings import Findings
from .reading import Told, is_told

PACKAGES = ("codefrontier", "numpy", "matplotlib")


def provenance_sheets(findings: Findings) -> list[Sheet]:
    """Return the tables of files, runs, options and versions."""
    return [_files(findings), _runs(findings), *_starts(findings), _made_with()]


def _files(findings: Findings) -> Sheet:
    rows = [(source_name(source.name), str(source.lines), source.sha256) for source in findings.sources]
    return Sheet(
        title="Files of records",
        columns=("run", "lines", "SHA-256 of the lines"),
        rows=tuple(rows),
        notes=("the report holds nothing but what it computed from these lines and the config.json beside",),
    )


def _runs(findings: Findings) -> Sheet:
    agents = findings.agents
    rows = []
    for run in findings.runs:
        episodes = run.episodes
        assert is_told(episodes)
        agent = agents[run.digest]
        rows.append(
            (
                run.label,
                source_name(run.source),
                f"{run.env} v{_listed({str(episode.env_version) for episode in episodes})}",
                _listed({episode.language for episode in episodes}),
                _listed({episode.package_version for episode in episodes}),
                _listed(_judges(episodes)),
                agent.model or "–",
                _written(agent.settings),
                run.digest,
            )
        )
    columns = (
        "run",
        "file",
        "environment",
        "language",
        "codefrontier",
        "judge",
        "model",
        "settings",
        "agent",
    )
    return Sheet(title="Runs", columns=columns, rows=tuple(rows), names=len(columns))


def _starts(findings: Findings) -> list[Sheet]:
    rows = [
        (
            source_name(source.name),
            _written(start.options),
            ", ".join(f"{name} {version}" for name, version in start.versions.items()),
            start.commit or "–",
        )
        for source in findings.sources
        for start in source.starts
    ]
    if not rows:
        return []
    return [
        Sheet(
            title="Configurations: options that differ from the defaults, for each start of a run",
            columns=("run", "options", "versions", "commit"),
            rows=tuple(rows),
            names=4,
            notes=("paths and addresses are left out",),
        )
    ]


def _made_with() -> Sheet:
    found = versions(PACKAGES)
    rows = [("python", found["python"]), *found["packages"].items()]
    return Sheet(
        title="Versions that made this report", columns=("package", "version"), rows=tuple(rows), names=2
    )


def _judges(episodes: tuple[Told, ...]) -> set[str]:
    told = {
        (episode.judgement.judge.version, episode.judgement.judge.sandbox)
        for episode in episodes
        if episode.judgement is not None
    }
    return {f"{version} {sandbox}" for version, sandbox in told}


def _listed(values: set[str]) -> str:
    return ", ".join(sorted(values)) or "–"


def _written(options: Mapping[str, Any]) -> str:
    """Write options shortly; lists and mappings as JSON."""
    return ", ".join(
        f"{name}={value if isinstance(value, str) else json.dumps(value, sort_keys=True)}"
        for name, value in sorted(options.items())
        if value is not None
    )
