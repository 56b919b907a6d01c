"""Weights whose tensors are cut into pieces, as ranks of a distributed training save them.

Nothing here imports torch. Pickles are read by an unpickler that runs no code of theirs.
"""
