# RTE WA
# Becomes a shell that forks in the background.
import os
os.execv("/bin/sh", ["sh", "-c", "(sleep 1000 &) ; sleep 1000 & exit 3"])
