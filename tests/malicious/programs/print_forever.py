# OLE
# Prints without end.
while True: print("cf-attack" * 100)
