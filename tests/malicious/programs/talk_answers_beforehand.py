# WA
# Says all that could be right before anything was asked, and leaves.
print("".join(f"{2 * number}\n" for number in range(600, 700)), flush=True)
