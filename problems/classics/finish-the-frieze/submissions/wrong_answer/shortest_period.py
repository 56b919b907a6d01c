# Wrong: only tries the shortest pattern; a longer one may need fewer tiles.
text = input()
n = len(text)
longest = [0] * n
length = 0
for place in range(1, n):
    while length and text[length] != text[place]:
        length = longest[length - 1]
    length += text[length] == text[place]
    longest[place] = length
period = n - longest[-1]
print(max(2, -(-n // period)) * period - n)
