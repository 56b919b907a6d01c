"""One experiment per training method at micro scale: does the method do what its paper says?

Each script states its claim, metric, control and test before any run. `python -m
codefrontier.benchmarks.lab.methods.NAME` trains every arm with every seed and prints what was found.
"""
