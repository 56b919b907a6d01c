# Wrong: looks only at mirrors that have the letter in their middle.
word = input()
n = len(word)
answer = []
for middle in range(n):
    longest = 1
    for left, right in ((middle - 1, middle + 1), (middle, middle + 1), (middle - 1, middle)):
        while left >= 0 and right < n and word[left] == word[right]:
            left -= 1
            right += 1
        longest = max(longest, right - left - 1)
    answer.append(longest)
print(*answer)
