"""Run the command line as `python -m codefrontier`, which is what torchrun does."""

from __future__ import annotations

import sys

from .cli import main

if __name__ == "__main__":
    sys.exit(main())
