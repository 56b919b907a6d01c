"""Errors of the environments."""


class EnvError(Exception):
    """The environment failed: never a statement about the agent's action."""


class LeakError(EnvError):
    """A composed observation held hidden test data and was withheld."""


class DeadlineError(EnvError):
    """The judge did not answer in time: it hangs, or what it waits for does."""
