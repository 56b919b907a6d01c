"""Exports of records: tables and lines, eval logs of inspect_ai, and trajectories of Harbor (ATIF).

No format of another tool has anything of a hidden test: of a judgement it has the verdicts and how often each
occurred, and of an error only its class, as its text may quote a test. The library of the other tool is not
needed.
"""

from .atif import export_trajectories
from .inspect_log import export_logs
from .tables import export_records

__all__ = ["export_logs", "export_records", "export_trajectories"]
