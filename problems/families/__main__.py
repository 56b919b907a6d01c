"""Runs the command when the package is executed."""

from .command import main

main()
