# RTE TLE
# Turns an enormous integer into text, with the guard against that lifted.
import sys
sys.set_int_max_str_digits(0)
print(len(str(1 << (1 << 27))))
