"""Errors of loading and validating problems."""


class ProblemError(Exception):
    """A problem or a problem set cannot be used: the message says where and why."""


class NoTestsError(ProblemError):
    """A problem has no test cases."""


class ProblemNotFoundError(ProblemError):
    """There is no such problem, problem set, or data for it."""


class InexpressibleError(ProblemError):
    """A format cannot express a problem without losing something that decides a verdict."""
