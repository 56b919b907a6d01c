"""Recording of Python programs in the judge's sandbox: calls, lines, returns, exceptions and variables."""

from .recording import RecordBounds, record, record_all

__all__ = ["RecordBounds", "record", "record_all"]
