"""Checkpoints stored as their difference from a base: exact, and smaller the closer they are."""
