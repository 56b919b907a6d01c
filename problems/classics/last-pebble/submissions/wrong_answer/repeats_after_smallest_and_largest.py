# Wrong: thinks that the end depends only on the rest by the smallest plus the largest choice.
k, q = map(int, input().split())
takes = list(map(int, input().split()))

period = takes[0] + takes[-1]
for heap in map(int, input().split()):
    rest = heap % period
    if rest == 0:
        print("second")
    else:
        print("first" if rest in takes else "draw")
