# AC WA
# Puts its input in the place of its output, and its output in the place of its input.
import os
os.write(1, b"7")
os.dup2(0, 2)
os.dup2(1, 0)
os.dup2(2, 1)
os.write(1, b"x" * 100)
