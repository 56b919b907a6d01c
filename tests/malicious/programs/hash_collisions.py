# TLE
# Fills a table with keys that all collide, which makes it quadratic.
table = {}
for number in range(200_000): table[number * ((1 << 61) - 1)] = number
print(7)
