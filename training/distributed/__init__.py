"""Updates on several processes that torchrun has started, with sharded weights.

Rank 0 leads: it samples, judges, scores and writes the folder of the run. The other ranks follow: each update
is shared by all ranks.
"""
