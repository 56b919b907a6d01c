"""Reports of recorded runs: one HTML page without a network, Markdown, figures and tables."""

from .findings import Findings, find
from .reading import Source, read_source
from .write import ReportPaths, write_report

__all__ = ["Findings", "ReportPaths", "Source", "find", "read_source", "write_report"]
