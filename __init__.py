"""Gymnasium environments over competitive programming, on a judge you can trust."""
