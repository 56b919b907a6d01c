# MLE RTE TLE
# Unpacks a small text into an enormous one.
import zlib
packer = zlib.compressobj(9)
bomb = b"".join(packer.compress(bytes(1 << 20)) for _ in range(40)) + packer.flush()
parts = []
while True: parts.append(zlib.decompress(bomb))
