# MLE RTE TLE
# Makes an integer of many GiB in one shift.
print((1 << (1 << 35)).bit_length())
