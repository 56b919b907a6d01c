"""Run the experiment on verifiers: `python -m codefrontier.benchmarks.lab.verification --out FOLDER`."""

from ..methods.command import main
from .experiment import EXPERIMENT

if __name__ == "__main__":
    main(EXPERIMENT)
