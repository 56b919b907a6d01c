# Wrong: takes the heaviest parcel or the average load, whichever is more, as if every split were possible.
n, k, p = map(int, input().split())
weights = list(map(int, input().split()))

if k * p < n:
    print("impossible")
else:
    print(max(max(weights), -(-sum(weights) // k)))
