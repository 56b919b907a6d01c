# O(m^2): looks through the list of all numbers seen so far for each new one.
m, a, b, k = map(int, input().split())
worn = set(map(int, input().split()))

seen = [a]
presses = {a: 0}
for number in seen:
    if number == b:
        break
    for shown in (number + 1, 2 * number, number // 10):
        if shown <= m and shown not in worn and shown not in seen:
            seen.append(shown)
            presses[shown] = presses[number] + 1
print(presses.get(b, "never"))
