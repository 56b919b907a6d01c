"""Experiments at micro scale: what multi-turn synthesis yields, schedules on it, and mixed environments.

The teacher is scripted, and the student is a small model of the lab. Each experiment is a script with a
statement that is fixed before its runs, like those in `benchmarks/lab/methods`, whose machinery it uses.
"""
