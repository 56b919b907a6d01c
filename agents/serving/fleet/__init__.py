"""One vLLM server per checkpoint: its command, the model lists of litellm, and a check by tokens.

vLLM itself is not imported: it has an environment of its own.
"""
