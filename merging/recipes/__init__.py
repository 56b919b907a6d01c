"""Merges of any number of parents, described by a recipe file."""
