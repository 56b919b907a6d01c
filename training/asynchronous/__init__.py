"""Asynchronous reinforcement: later batches are sampled while the weights are updated on earlier ones.

The lag is fixed. The batch of step t is sampled by the weights that had taken max(0, t - N) updates, where N
is the setting `staleness`, so equal runs give equal results, as in synchronous training.
"""
