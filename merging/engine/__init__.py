"""The pass over the parents: who computes the weights, and how reading, computing and writing overlap."""
