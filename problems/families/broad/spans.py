"""Broad families about intervals."""

from __future__ import annotations

from ...model import Difficulty
from .family import Axis, BroadFamily, Sizes, mistakes, numbers, pick, residues
from .shapes import INTERVALS

_LEAST: Axis = numbers(1, 3, 6)

INTERVAL_UNION = BroadFamily(
    name="interval-union",
    title="Points in several intervals",
    domain=INTERVALS,
    difficulty=Difficulty.EASY,
    axes={
        "least": _LEAST,
        "k": numbers(1, 2, 3, 4, 5),
        "goal": (
            pick("points", "the number of covered points", "if k >= $k:\n    r += 1"),
            pick("just", "the number of points in exactly $k of these intervals", "if k == $k:\n    r += 1"),
            pick(
                "pieces",
                "the number of maximal groups of adjacent covered points",
                "if k >= $k and run == 0:\n    r += 1\nrun = k >= $k",
            ),
            pick(
                "longest",
                "the largest number of adjacent covered points",
                "run = run + 1 if k >= $k else 0\nr = max(r, run)",
            ),
            pick(
                "gap",
                "the largest number of adjacent points from 0 on, up to the last covered one, that "
                "are not covered",
                "if k >= $k:\n    r = max(r, run)\nrun = 0 if k >= $k else run + 1",
            ),
            pick(
                "surplus",
                "the sum, over all covered points, of the number of these intervals that hold it",
                "if k >= $k:\n    r += k",
            ),
        ),
    },
    task="""use only the intervals of at least $least points. A point, an integer from 0 on, is covered if
        it lies in at least $k of them. Find $goal""",
    fast="""
        r = 0
        run = 0
        c = [0] * 1300
        for s, e in v:
            if e - s >= $least:
                c[s] += 1
                c[e] -= 1
        k = 0
        for x in range(max(e for s, e in v) + 1):
            k += c[x]
            $goal
        """,
    slow="""
        r = 0
        run = 0
        for x in range(max(e for s, e in v) + 1):
            k = 0
            for s, e in v:
                if e - s >= $least and s <= x < e:
                    k += 1
            $goal
        """,
    mistakes=mistakes(
        ("c[e] -= 1", "c[e - 1] -= 1"),
        ("c[s] += 1", "c[s] = 1"),
        ("k >= ", "k > "),
        ("e - s >= ", "e - s > "),
        ("k += c[x]", "k = c[x]"),
        ("k == ", "k >= "),
    ),
    sizes=Sizes(small=range(4, 9), medium=25, large=150),
)

INTERVAL_CHOICE = BroadFamily(
    name="interval-choice",
    title="Choosing intervals",
    domain=INTERVALS,
    difficulty=Difficulty.MEDIUM,
    axes={
        "value": (
            pick("one", "1", "1"),
            pick("length", "e - s", "e - s"),
            pick("start", "`s % 5 + 1`", "s % 5 + 1"),
            pick("square", "`(e - s) * (e - s)`", "(e - s) * (e - s)"),
            pick("short", "`7 - (e - s) % 7`", "7 - (e - s) % 7"),
            pick("end", "`e % 9 + 2`", "e % 9 + 2"),
        ),
        "gap": numbers(0, 1, 2, 3, 4, 5, 7),
        "least": _LEAST,
    },
    task="""choose intervals of at least $least points such that each starts at least $gap after the end e
        of the one before it. An interval is worth $value. Find the largest total worth""",
    fast="""
        v = sorted((e, s) for s, e in v if e - s >= $least)
        b = [0]
        for e, s in v:
            k = bisect_right(v, (s - $gap, 99999), 0, len(b) - 1)
            b.append(max(b[-1], b[k] + $value))
        r = b[-1]
        """,
    slow="""
        v = sorted((e, s) for s, e in v if e - s >= $least)
        r = 0
        b = []
        for i in range(len(v)):
            e, s = v[i]
            most = 0
            for j in range(i):
                if v[j][0] + $gap <= s:
                    most = max(most, b[j])
            b.append(most + $value)
            r = max(r, b[i])
        """,
    mistakes=mistakes(
        ("(s - ", "(s + 1 - "),
        ("bisect_right(v, (s - 0, 99999)", "bisect_left(v, (s,)"),
        ("99999", "-99999"),
        ("e - s >= ", "e - s > "),
        ("(s - ", "(s - 1 - "),
        ("b.append(max(b[-1], ", "b.append(max(b[0], "),
    ),
    sizes=Sizes(small=range(5, 10), medium=40, large=395),
    cost=16_000,
)

RANGE_UPDATES = BroadFamily(
    name="range-updates",
    title="Adding to ranges",
    domain=INTERVALS,
    difficulty=Difficulty.EASY,
    axes={
        "amount": (
            *(pick(f"plus{m}", f"`i % {m} + 1`", f"i % {m} + 1") for m in (2, 3, 5, 7)),
            pick("sign", "3 if i is even, and -1 if it is odd", "3 - i % 2 * 4"),
            pick("length", "e - s", "v[i][1] - v[i][0]"),
            pick("start", "`s % 5 + 1`", "v[i][0] % 5 + 1"),
        ),
        "goal": (
            pick("most", "the largest value", "r = max(c)"),
            pick("first", "the first point with the largest value", "r = c.index(max(c))"),
            pick("different", "the number of different values, 0 included", "r = len(set(c))"),
            pick(
                "steps",
                "the number of points x > 0 whose value differs from that of x - 1",
                "r = sum([c[x] != c[x - 1] for x in range(1, 1300)])",
            ),
            *(
                pick(
                    f"rest{choice.name}",
                    f"the number of points whose value is not 0 and is {choice.words}",
                    f"r = sum([w != 0 and w % {choice.parts['m']} == {choice.parts['rest']} for w in c])",
                )
                for choice in residues(range(2, 6))
            ),
        ),
    },
    task="""every point, an integer from 0 to 1299, has the value 0 at first. For each interval, of number
        i, add $amount to the value of each of its points. At the end find $goal""",
    fast="""
        d = [0] * 1300
        last = 0
        for i in range(n):
            d[v[i][0]] += $amount
            d[v[i][1]] -= $amount
            last = max(last, v[i][1])
        c = list(accumulate(d))
        $goal
        """,
    slow="""
        c = [0] * 1300
        last = 0
        for i in range(n):
            for x in range(v[i][0], v[i][1]):
                c[x] += $amount
            last = max(last, v[i][1])
        $goal
        """,
    mistakes=mistakes(
        ("d[v[i][1]] -=", "d[v[i][1] - 1] -="),
        ("d[v[i][0]] +=", "d[v[i][0]] ="),
        ("d[v[i][0]] +=", "d[v[i][0] + 1] +="),
        ("range(n)", "range(n - 1)"),
        ("range(n)", "range(1, n)"),
    ),
    sizes=Sizes(small=range(4, 9), medium=25, large=380),
    cost=20_000,
)

FAMILIES = (INTERVAL_UNION, INTERVAL_CHOICE, RANGE_UPDATES)
