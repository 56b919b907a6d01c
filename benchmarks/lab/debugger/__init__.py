"""The neural debugger at micro scale: a small model that predicts the states of family functions.

    python -m codefrontier.benchmarks.lab.debugger --out FOLDER [--quick]

Stated before any run: (1) exact match falls with the number of skipped states; (2) the control flow of a
state (event and source line) is right more often than its values; (3) with an equal number of examples,
outputs are predicted better by `step_return` or a breakpoint than directly; (4) an agent that looks for the
wrong line of a program finds it more often with the real debugger than with the predicted one, and with that
more often than by guessing.
"""
