"""Recording of Python programs in the judge's sandbox: calls, lines, returns, exceptions and variables."""

from .recording import Executing, RecordBounds, record, record_all

__all__ = ["Executing", "RecordBounds", "record", "record_all"]
