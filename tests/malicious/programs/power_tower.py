# TLE MLE RTE CE
# Computes 9 ** 9 ** 9 in one uninterruptible operation, at compile time if the compiler is careless.
print(9 ** 9 ** 9)
