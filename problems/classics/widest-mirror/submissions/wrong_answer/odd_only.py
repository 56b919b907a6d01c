# Wrong: knows only mirrors with a letter in the middle.
word = input()
n = len(word)
answer = [1] * n
for middle in range(n):
    reach = 0
    while middle > reach and middle + reach + 1 < n and word[middle - reach - 1] == word[middle + reach + 1]:
        reach += 1
    for i in range(middle - reach, middle + reach + 1):
        answer[i] = max(answer[i], 2 * reach + 1)
print(*answer)
