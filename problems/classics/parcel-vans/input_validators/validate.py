"""Accept (exit 42) an input of Parcel Vans that obeys the statement."""

import re
import sys

NUMBER = rb"[1-9][0-9]{0,9}"
SHAPE = re.compile(NUMBER + rb" " + NUMBER + rb" " + NUMBER + rb"\n" + NUMBER + rb"(?: " + NUMBER + rb")*\n")


def check(data: bytes) -> str:
    """Say what is wrong with the input, or nothing."""
    if not SHAPE.fullmatch(data):
        return "not a line of three positive integers and a line of them, with single spaces"
    n, k, p, *weights = (int(token) for token in data.split())
    if max(n, k, p) > 30_000 or n != len(weights):
        return f"n is {n}, k is {k}, p is {p}, with {len(weights)} parcels"
    return "" if max(weights) <= 10**9 else f"a parcel weighs {max(weights)}"


if __name__ == "__main__":
    message = check(sys.stdin.buffer.read())
    if message:
        print(message, file=sys.stderr)
    sys.exit(43 if message else 42)
