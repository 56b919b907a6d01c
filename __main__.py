"""Run the command line as `python -m codefrontier`, which is what torchrun does."""

from __future__ import annotations

from codefrontier.cli import main

if __name__ == "__main__":
    main()
