"""Rows packed into one sequence for the update, without attention across rows; prompts computed once."""
