"""Export of problems as tasks of Harbor, with a verifier that stands alone."""

from .task import PYTHON_IMAGE, export_task

__all__ = ["PYTHON_IMAGE", "export_task"]
