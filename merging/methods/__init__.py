"""Merge methods: how the weights of a tensor are computed from those of its parents."""
