"""Serving checkpoints: an OpenAI-compatible server on loopback, and the agents that ask it for one by name.

The server needs `codefrontier[serve,train]`; the agents need `codefrontier[agents]` only.
"""
