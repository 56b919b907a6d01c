# Wrong: goes to the well hut by hut as it is told, which takes too many questions.
import sys

n = int(input())
for _ in range(n - 1):
    input()
hut = "1"
while hut not in ("here", ""):
    print(hut, flush=True)
    hut = sys.stdin.readline().strip()
