# RTE
# Ends with a status that means something to validators and shells.
import os
os._exit([42, 43, 65, 124, 126, 137, 139, 255][os.getpid() % 8])
