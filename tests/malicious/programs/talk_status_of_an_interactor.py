# RTE
# Ends with the status by which an interactor accepts.
import os

input()
os._exit(42)
