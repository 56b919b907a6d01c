"""Supervised training: on records of episodes, on rows of messages, and the loop that all of it shares."""
