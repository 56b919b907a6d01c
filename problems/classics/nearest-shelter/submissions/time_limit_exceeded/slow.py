# Looks hut by hut, first to the west and then to the east: O(n^2) where lower huts are far away.
n = int(input())
heights = list(map(int, input().split()))
answers = []
for i in range(n):
    west = i - 1
    while west >= 0 and heights[west] >= heights[i]:
        west -= 1
    east = i + 1
    while east < n and heights[east] >= heights[i]:
        east += 1
    if east < n and (west < 0 or east - i < i - west):
        west = east
    answers.append(west + 1)
print(*answers)
