# AC
# Closes what it reads with words still coming, and what it writes with words still going; right all the same.
import os

read, write = os.dup(0), os.dup(1)
os.close(0)
os.close(1)
text = b""
while b"over" not in text:
    piece = os.read(read, 1)
    text += piece
    if piece == b"\n" and b"over" not in text:
        os.write(write, b"%d\n" % (2 * int(text.split()[-1])))
os.close(write)
os.close(read)
