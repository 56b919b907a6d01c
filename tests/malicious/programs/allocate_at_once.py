# AC
# Asks for enormous objects in single calls, and computes on when refused.
had = []
for ask in (lambda: bytearray(1 << 60), lambda: "x" * (1 << 45), lambda: [None] * (1 << 50), lambda: b"x" * (1 << 62),
            lambda: memoryview(bytes(1 << 40)), lambda: list(range(1 << 48)), lambda: (0,) * (1 << 44)):
    try: had.append(ask())
    except (MemoryError, OverflowError): pass
print(had or 7)
