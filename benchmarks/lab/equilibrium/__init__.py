"""The experiment on equilibrium reasoners: depth, breadth, selection and ablations on Sudoku of size 4.

References:
    arXiv 2605.21488.
"""
