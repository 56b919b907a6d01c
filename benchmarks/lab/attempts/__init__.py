"""Attempts to find where extrapolation extends the frontier and where ensembles gain.

    python -m codefrontier.benchmarks.lab.attempts --out FOLDER

All attempts start from the same reinforcement runs. An attempt changes how their checkpoints are merged or
how the merges are sampled; the tests never change. Attempts are compared on the validation split, and what is
chosen there is confirmed once on problems that nothing was chosen on.
"""
