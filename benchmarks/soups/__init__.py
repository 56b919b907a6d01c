"""Soups of checkpoints: the mean of all, or of those whose addition does not lower a held-out score."""
