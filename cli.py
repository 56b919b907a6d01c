"""The command `codefrontier`."""


def main() -> None:
    """Run the command line."""
