# best[i] is the largest income whose last request is i; looks at all earlier requests, which is quadratic.
import sys


def main():
    n, *rows = sys.stdin.read().splitlines()
    requests = sorted((tuple(map(int, row.split())) for row in rows), key=lambda request: request[1])
    best = []
    for i in range(int(n)):
        start, _, price = requests[i]
        before = 0
        for j in range(i):
            if requests[j][1] <= start and best[j] > before:
                before = best[j]
        best.append(before + price)
    print(max(best))


main()
