"""Make the secret inputs of Warmest Tile."""

import random
from collections.abc import Iterator

Device = tuple[int, int, int, int, int]
Bounds = tuple[int, int]

SIDE = 10**9


def within(rng: random.Random, low: int, high: int) -> int:
    """Draw an integer from `low` to `high`."""
    return low + int(rng.random() * (high - low + 1))


def encode(rng: random.Random, devices: list[Device]) -> bytes:
    """Write one input, the devices shuffled."""
    rng.shuffle(devices)
    lines = [" ".join(map(str, device)) + "\n" for device in devices]
    return (f"{len(devices)}\n" + "".join(lines)).encode()


def drawn(rng: random.Random, n: int, side: int, most: int, warmth: Bounds) -> list[Device]:
    """Draw rectangles up to `most` wide and high in the first `side` columns and rows."""
    devices = []
    for _ in range(n):
        x, y = within(rng, 1, side), within(rng, 1, side)
        x2, y2 = min(side, x + within(rng, 0, most - 1)), min(side, y + within(rng, 0, most - 1))
        devices.append((x, y, x2, y2, within(rng, *warmth)))
    return devices


def nested(n: int, warm: int, cold: int) -> list[Device]:
    """Put rectangles into one another, all of them warm but the innermost quarter, which is cold."""
    inner = n - n // 4
    return [(i + 1, i + 1, 4 * n - i, 4 * n - i, warm if i < inner else cold) for i in range(n)]


def crossing(rng: random.Random, n: int, warmth: Bounds) -> list[Device]:
    """Let long columns and long rows cross everywhere."""
    step = SIDE // n
    devices = []
    for i in range(n):
        low = 1 + i * step
        high = low + within(rng, step // 2, 4 * step)
        t = within(rng, *warmth)
        long = (within(rng, 1, step), SIDE - within(rng, 0, step))
        across = i % 2
        high = min(high, SIDE)
        devices.append((low, long[0], high, long[1], t) if across else (long[0], low, long[1], high, t))
    return devices


def side_by_side(rng: random.Random, n: int, width: int) -> list[Device]:
    """Let stoves of three rows touch one another without overlap, some of them a little too wide."""
    devices = []
    for i in range(n):
        extra = int(rng.random() < 0.05)
        devices.append((1 + i * width, 5, (i + 1) * width + extra, 7, 10 + i % 3))
    return devices


def covered(rng: random.Random, n: int, side: int) -> list[Device]:
    """Cool the corners of stoves, so that the warmest tile lies just beyond a fan."""
    devices = []
    for _ in range(n // 2):
        x, y = within(rng, 1, side), within(rng, 1, side)
        w, h = within(rng, 2, side // 4), within(rng, 2, side // 4)
        devices.append((x, y, x + w, y + h, 50 + within(rng, 0, 20)))
        devices.append((max(1, x - w), max(1, y - h), x + w // 2, y + h // 2, -60))
    return devices


def small_cases(rng: random.Random) -> Iterator[tuple[str, bytes]]:
    """Yield the cases that a cubic solution passes."""
    yield "01-one", encode(rng, [(5, 5, 5, 5, 7)])
    yield "02-fan", encode(rng, [(1, 1, 9, 9, -7)])
    yield "03-touching", encode(rng, [(1, 1, 2, 2, 3), (3, 1, 4, 2, 4), (1, 3, 2, 4, 2)])
    yield "04-one-tile", encode(rng, [(1, 1, 3, 3, 3), (3, 3, 5, 5, 4)])
    cold = [(2, 2, 4, 4, 6), (1, 1, 3, 3, -2), (2, 4, 2, 4, -9), (3, 4, 4, 4, -1)]
    yield "05-cold-corner", encode(rng, cold)
    yield "06-covered", encode(rng, covered(rng, 6, 9))
    yield "07-tiny-hall", encode(rng, drawn(rng, 8, 4, 3, (-5, 5)))
    yield "08-everywhere", encode(rng, [(1, 1, SIDE, SIDE, SIDE)] * 8)
    yield "09-side-by-side", encode(rng, side_by_side(rng, 10, 2))
    yield "10-nested", encode(rng, nested(12, 3, -1))
    yield "11-small-hall", encode(rng, drawn(rng, 15, 8, 5, (-9, 12)))
    yield "12-covered", encode(rng, covered(rng, 20, 20))
    yield "13-fans", encode(rng, drawn(rng, 20, SIDE, SIDE, (-SIDE, 0)))
    yield "14-drawn", encode(rng, drawn(rng, 30, SIDE, SIDE, (-SIDE, SIDE)))
    yield "15-crossing", encode(rng, crossing(rng, 36, (1, 9)))
    yield "16-small-hall", encode(rng, drawn(rng, 50, 15, 9, (-10, 10)))
    yield "17-covered", encode(rng, covered(rng, 60, 100))
    yield "18-side-by-side", encode(rng, side_by_side(rng, 70, 3))
    yield "19-stoves", encode(rng, drawn(rng, 80, 10**6, 10**5, (1, SIDE)))
    yield "20-nested", encode(rng, nested(90, SIDE, -SIDE))
    yield "21-drawn", encode(rng, drawn(rng, 100, SIDE, SIDE // 3, (-SIDE, SIDE)))
    yield "22-crossing", encode(rng, crossing(rng, 110, (-100, 90)))
    yield "23-small-hall", encode(rng, drawn(rng, 120, 40, 25, (-10, 9)))
    yield "24-covered", encode(rng, covered(rng, 120, 10**6))


def cases() -> Iterator[tuple[str, bytes]]:
    """Yield the name and the input of every generated case."""
    rng = random.Random(61010)
    yield from small_cases(rng)
    yield "25-drawn", encode(rng, drawn(rng, 500, SIDE, SIDE // 10, (-SIDE, SIDE)))
    yield "26-small-hall", encode(rng, drawn(rng, 8000, 50, 20, (-1000, 1000)))
    yield "27-drawn", encode(rng, drawn(rng, 8000, SIDE, SIDE, (-SIDE, SIDE)))
    yield "28-nested", encode(rng, nested(8000, SIDE, -SIDE))
    yield "29-crossing", encode(rng, crossing(rng, 8000, (-9, 10)))
    yield "30-side-by-side", encode(rng, side_by_side(rng, 8000, 100_000))
    yield "31-covered", encode(rng, covered(rng, 8000, SIDE // 2))
    yield "32-stoves", encode(rng, drawn(rng, 8000, SIDE, SIDE // 50, (1, SIDE)))
