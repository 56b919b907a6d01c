# O(n) per turn: taking the first element off a list moves all others.
n, q, c = map(int, input().split())
needs = list(map(int, input().split()))

home = [0] * n
queue = list(range(n))
now = -c
while queue:
    person = queue.pop(0)
    now += c + min(q, needs[person])
    needs[person] -= q
    if needs[person] > 0:
        queue.append(person)
    else:
        home[person] = now
print(*home)
