"""Verifier of a Harbor task. It stands alone: its files are copied into each task, as they are.

    python3 -m verifier [TESTS] [APP] [LOGS]

Reads `TESTS/task.json` and the tests in `TESTS/data`, runs `APP/solution.py` or `APP/solution.cpp` on each
test, and writes the reward, 1 or 0, to `LOGS/reward.txt` and a verdict for each test to `LOGS/verdicts.json`.
A failure of the verifier itself leaves no reward. As root, it runs the program as another user, who cannot
read the tests.
"""
