# Crashes: falls back to shorter borders by recursion, which goes too deep for a long run of one letter.
text = input()
n = len(text)
longest = [0] * n


def extended(length, letter):
    if text[length] == letter:
        return length + 1
    return extended(longest[length - 1], letter) if length else 0


for place in range(1, n):
    longest[place] = extended(longest[place - 1], text[place])
least = border = n
while border:
    border = longest[border - 1]
    least = min(least, max(2, -(-n // (n - border))) * (n - border) - n)
print(least)
