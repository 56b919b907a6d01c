"""Experiments on synthesized problems at micro scale: what multi-turn synthesis yields, and schedules on it.

The teacher is scripted, and the student is the small model of the lab. Each experiment is a script with a
statement that is fixed before its runs, like those in `benchmarks/lab/methods`, whose machinery it uses.
"""
