# Wrong: greedy, takes the hall with the most joy per minute as long as it fits.
n, minutes, walk = map(int, input().split())
halls = [tuple(map(int, input().split())) for _ in range(n)]
halls.sort(key=lambda hall: hall[1] / (hall[0] + walk), reverse=True)
left, total = minutes + walk, 0
for time, joy in halls:
    if time + walk <= left:
        left -= time + walk
        total += joy
print(total)
