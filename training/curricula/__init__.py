"""Curricula: which problems a training run takes, and under which coverage, as it goes on."""
