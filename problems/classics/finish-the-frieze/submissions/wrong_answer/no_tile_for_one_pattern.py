# Wrong: a pattern that is there once and not again counts as done, so a frieze without border needs nothing.
text = input()
n = len(text)
longest = [0] * n
length = 0
for place in range(1, n):
    while length and text[length] != text[place]:
        length = longest[length - 1]
    length += text[length] == text[place]
    longest[place] = length
least = border = n
while border:
    border = longest[border - 1]
    least = min(least, -n % (n - border))
print(least)
