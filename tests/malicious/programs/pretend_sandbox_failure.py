# RTE
# Ends as a sandbox that could not set up a run would.
import os
os.write(2, b"sandbox: OSError: [Errno 12] Cannot fork: Resource temporarily unavailable\nSandboxError: infrastructure\n")
os._exit(125)
