"""The three modes of the environments for models of the size of the lab.

A start is trained to act in all three modes, reinforcement mixes the modes, and merges are played in each.
"""
