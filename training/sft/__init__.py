"""Supervised training on records and on conversations, and the loop of all supervised training."""
