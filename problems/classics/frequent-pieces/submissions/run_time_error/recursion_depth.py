# Crashes: goes down a trie of the pieces by recursion, too deep for Python where pieces have 1000 letters.
n, k = map(int, input().split())
text = input()


def pieces(starts, size):
    groups = {}
    for start in starts:
        if start + size < n:
            groups.setdefault(text[start + size], []).append(start)
    return sum(1 + pieces(group, size + 1) for group in groups.values() if len(group) >= k)


print(pieces(range(n), 0))
