# Looks through all letters for the next one that waits for no other, which is quadratic.
n, w = map(int, input().split())
words = [list(map(int, input().split()))[1:] for _ in range(w)]
later = [[] for _ in range(n + 1)]
waits_for = [0] * (n + 1)
possible = True
for before, after in zip(words, words[1:]):
    for a, b in zip(before, after):
        if a != b:
            later[a].append(b)
            waits_for[b] += 1
            break
    else:
        possible = possible and len(before) <= len(after)

left = list(range(1, n + 1))
order = []
while left and possible:
    for letter in left:
        if waits_for[letter] == 0:
            break
    else:
        possible = False
        break
    left.remove(letter)
    order.append(letter)
    for other in later[letter]:
        waits_for[other] -= 1
print(*order if possible else ["IMPOSSIBLE"])
