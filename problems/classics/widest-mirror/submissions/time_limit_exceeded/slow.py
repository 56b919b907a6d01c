# Grows a mirror around each letter and each gap, letter by letter: O(n^2).
word = input()
n = len(word)
answer = [1] * n
for middle in range(2 * n - 1):
    left, right = middle // 2, (middle + 1) // 2
    while left >= 0 and right < n and word[left] == word[right]:
        left -= 1
        right += 1
    length = right - left - 1
    for i in range(left + 1, right):
        if answer[i] < length:
            answer[i] = length
print(*answer)
