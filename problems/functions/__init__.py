"""Functions as tasks: find the function, its input, its output, or an input that fails a test.

Modules:

- `literals`: Python literals within bounds, and their canonical form.
- `function`, `answers`, `tasks`: functions, and the problems that are made of them.
- `plain`: tasks without prose.
- `generated`: functions of the broad families.
- `sources`, `made`: functions of folders, and the sets of tasks that were made of them.
"""
