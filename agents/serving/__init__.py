"""Serving checkpoints: an OpenAI-compatible server on loopback, and the list litellm finds them by.

Needs `codefrontier[serve,train]`; nothing else of `codefrontier.agents` imports this package.
"""
