# OLE RTE
# Fills standard error while the interactor waits for an answer.
import os

while True:
    os.write(2, b"x" * (1 << 16))
