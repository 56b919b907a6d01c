"""The metrics of a run by name, and trackers that show them elsewhere; nothing is imported here."""
