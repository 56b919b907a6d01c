"""Sweeps from a recipe to a frontier: merge at several values, play every merge, compare, draw."""
