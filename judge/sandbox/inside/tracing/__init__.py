"""Recording of Python programs, event by event, inside the sandbox."""
