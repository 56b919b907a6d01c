# Wrong: cuts the longest mirror out of the word and goes on with what is left on both sides of it.
word = input()
answer = [0] * len(word)


def longest(first, last):
    """Return the ends of the longest mirror in a part of the word."""
    best = (first, first + 1)
    for middle in range(2 * first, 2 * last - 1):
        left, right = middle // 2, (middle + 1) // 2
        while left >= first and right < last and word[left] == word[right]:
            left -= 1
            right += 1
        if right - left - 1 > best[1] - best[0]:
            best = left + 1, right
    return best


parts = [(0, len(word))]
while parts:
    first, last = parts.pop()
    if first == last:
        continue
    left, right = longest(first, last)
    answer[left:right] = [right - left] * (right - left)
    parts += [(first, left), (right, last)]
print(*answer)
