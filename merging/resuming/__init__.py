"""Merges that were killed: what is on the disk of them, and how the same merge continues there."""
