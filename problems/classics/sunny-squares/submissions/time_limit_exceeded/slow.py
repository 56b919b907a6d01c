# Adds up each square anew.
import sys


def main():
    first, *lines = sys.stdin.read().splitlines()
    h, w, k, s = map(int, first.split())
    rows = [list(map(int, line)) for line in lines]
    found = 0
    for top in range(h - k + 1):
        for left in range(w - k + 1):
            if sum(sum(row[left : left + k]) for row in rows[top : top + k]) >= s:
                found += 1
    print(found)


main()
