"""The command `python3 -m verifier`."""

import sys

from .judging import main

sys.exit(main(*sys.argv[1:]))
