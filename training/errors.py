"""Errors of training: it cannot begin, or cannot go on."""


class TrainingError(Exception):
    """Training cannot begin or go on; the message says why and what to do."""
