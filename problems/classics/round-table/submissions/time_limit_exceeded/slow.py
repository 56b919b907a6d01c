# Counts the guests of a country again for each guest: O(n^2).
n = int(input())
countries = list(map(int, input().split()))
keys = [(-countries.count(country), country) for country in countries]
guests = sorted(range(n), key=keys.__getitem__)
if -2 * keys[guests[0]][0] > n:
    print("NO")
else:
    chairs = [0] * n
    half = (n + 1) // 2
    chairs[::2] = guests[:half]
    chairs[1::2] = guests[half:]
    print("YES")
    print(*(guest + 1 for guest in chairs))
