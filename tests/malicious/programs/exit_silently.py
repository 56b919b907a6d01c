# WA
# Ends well before anything was printed, past every handler.
import os, sys
sys.stdout.write("7")
os._exit(0)
