# Looks at each multiple of k from a to b.
k, a, b = (int(input()) for _ in range(3))

count = 0
multiple = (a + k - 1) // k * k
while multiple <= b:
    digits = str(multiple)
    if all(left != right for left, right in zip(digits, digits[1:])):
        count += 1
    multiple += k
print(count % 1000000007)
