"""Traces for training, models that play the debugger, and their evaluation on functions."""
