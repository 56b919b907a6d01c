"""Translate the Python programs of the micro families to C++ and Java, for candidates in these languages."""

from .dialects import LANGUAGES
from .translator import translate

__all__ = ["LANGUAGES", "translate"]
