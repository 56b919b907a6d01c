import sys

word, a, b = sys.stdin.read().split()
if word == "crash":
    raise RuntimeError("crashed")
while word == "loop":
    pass
if word == "hog":
    everything = []
    while True:
        everything.append(bytearray(1 << 20))
print(int(a) + int(b) + (word == "wrong"))
