"""Where untrusted programs run: a long-lived sandbox per worker, one process per run."""

from .embedded import EmbeddedSandbox, Kind, RunReport, RunRequest, find_executable

__all__ = ["EmbeddedSandbox", "Kind", "RunReport", "RunRequest", "find_executable"]
