"""Verifiers in use: the table of their metrics, and selection among the programs of recorded runs."""
