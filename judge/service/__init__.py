"""Judging as a service over HTTP: its server, and its client."""
