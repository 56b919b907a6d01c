# WA
# Ends as an interactor that accepts, before a word is said.
import os

os._exit(0)
