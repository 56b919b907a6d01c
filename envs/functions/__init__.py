"""Tasks about functions: the tasks of a folder of functions, and the answers of agents."""
