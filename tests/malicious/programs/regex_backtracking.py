# TLE
# Spends its time inside one call of a C function.
import re
print(re.match("(a+)+b", "a" * 60))
