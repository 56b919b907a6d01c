"""Errors of merging."""


class MergeError(Exception):
    """Checkpoints cannot be merged as asked: the message says what is wrong and what is allowed."""
