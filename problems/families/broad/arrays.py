"""Broad families about the order of an array: runs, windows, next elements, running ranks."""

from __future__ import annotations

from ...model import Difficulty
from .domains import array
from .family import Axis, BroadFamily, Sizes, mistakes, numbers, pick

_SIZES = Sizes(small=range(5, 11), medium=50, large=400)

RELATIONS: Axis = (
    pick("lt", "less than", "<"),
    pick("le", "at most", "<="),
    pick("gt", "greater than", ">"),
    pick("ge", "at least", ">="),
)

RUN_LENGTHS = BroadFamily(
    name="run-lengths",
    title="Runs of neighbours",
    domain=array(0, 20),
    difficulty=Difficulty.EASY,
    axes={
        "link": (
            *(
                pick(f"near{d}", f"differ by at most {d}", f"abs(a[i] - a[i - 1]) <= {d}")
                for d in range(1, 7)
            ),
            *(
                pick(f"same{m}", f"leave the same remainder modulo {m}", f"(a[i] - a[i - 1]) % {m} == 0")
                for m in range(2, 6)
            ),
            pick("rise", "rise", "a[i - 1] < a[i]"),
            pick("down", "do not rise", "a[i - 1] >= a[i]"),
        ),
        "goal": (
            pick("longest", "the length of the longest one", step="r = max(r, k)", take="r = max(r, k)"),
            *(
                pick(
                    f"from{k}",
                    f"how many of them have at least {k} elements",
                    step=f"r += max(0, k - {k - 1})",
                    take=f"if k >= {k}:\n    r += 1",
                )
                for k in range(1, 6)
            ),
            *(
                pick(
                    f"just{k}",
                    f"how many of them have exactly {k} elements",
                    step=f"if k >= {k}:\n    r += 1",
                    take=f"if k == {k}:\n    r += 1",
                )
                for k in range(2, 5)
            ),
        ),
    },
    task="""look at the non-empty subarrays in which any two neighbours, in their order, $link (a single
        element is such a subarray), and find $goal""",
    fast="""
        r = 0
        k = 0
        for i in range(n):
            if i > 0 and $link:
                k += 1
            else:
                k = 1
            $goal_step
        """,
    slow="""
        r = 0
        for l in range(n):
            linked = True
            for i in range(l, n):
                if i > l and not ($link):
                    linked = False
                k = i - l + 1
                if linked:
                    $goal_take
        """,
    mistakes=mistakes(
        ("k = 1", "k = 0"),
        ("range(n)", "range(n - 1)"),
        ("i > 0 and", "i > 1 and"),
        (" <= ", " < "),
        ("k += 1", "k = 2"),
    ),
    sizes=_SIZES,
)

_MARKS: Axis = (
    pick("odd", "odd", "x % 2"),
    pick("even", "even", "x % 2 == 0"),
    *(pick(f"by{m}", f"divisible by {m}", f"x % {m} == 0") for m in (3, 4, 5, 7)),
    *(pick(f"from{v}", f"at least {v}", f"x >= {v}") for v in (3, 4, 5, 6)),
    *(pick(f"to{v}", f"at most {v}", f"x <= {v}") for v in (1, 2)),
)

LIMITED_WINDOWS = BroadFamily(
    name="limited-windows",
    title="Subarrays with few marked elements",
    domain=array(0, 12),
    difficulty=Difficulty.MEDIUM,
    axes={
        "mark": _MARKS,
        "k": numbers(0, 1, 2, 3, 4),
        "goal": (
            pick(
                "longest",
                "the length of the longest",
                step="r = max(r, i - l + 1)",
                take="r = max(r, i - l + 1)",
            ),
            pick("count", "the number of", step="r += i - l + 1", take="r += 1"),
        ),
    },
    task="an element is marked if it is $mark. Find $goal non-empty subarrays with at most $k marked "
    "elements (0 if "
    "there is none)",
    fast="""
        r = 0
        l = 0
        marked = 0
        for i in range(n):
            x = a[i]
            if $mark:
                marked += 1
            while marked > $k:
                x = a[l]
                if $mark:
                    marked -= 1
                l += 1
            $goal_step
        """,
    slow="""
        r = 0
        for l in range(n):
            marked = 0
            for i in range(l, n):
                x = a[i]
                if $mark:
                    marked += 1
                if marked <= $k:
                    $goal_take
        """,
    mistakes=mistakes(
        ("marked > ", "marked >= "),
        ("i - l + 1", "i - l"),
        ("range(n)", "range(1, n)"),
        ("marked > ", "marked > 1 + "),
        ("x % ", "x // "),
    ),
    sizes=_SIZES,
)

CIRCULAR_NEXT = BroadFamily(
    name="circular-next",
    title="Next smaller or greater",
    domain=array(0, 30),
    difficulty=Difficulty.MEDIUM,
    axes={
        "rel": RELATIONS,
        "way": (
            pick("line", "to the end of a", "n", slow="i + 1, n"),
            pick(
                "ring",
                "going on at position 0 after the end of a, until position i is reached again, "
                "itself included",
                "2 * n",
                slow="i + 1, i + n + 1",
            ),
        ),
        "goal": (
            pick("sum", "the sum of all d", "r += d"),
            pick("none", "how many d are 0", "if d == 0:\n    r += 1"),
            pick("far", "the largest d", "r = max(r, d)"),
            pick("values", "the sum of the elements a[j] found", "if d:\n    r += a[(i + d) % n]"),
            *(
                pick(f"from{k}", f"how many d are at least {k}", f"if d >= {k}:\n    r += 1")
                for k in range(2, 7)
            ),
            *(pick(f"just{k}", f"how many d are {k}", f"if d == {k}:\n    r += 1") for k in range(1, 5)),
        ),
    },
    task="""for each position i search the elements after it, $way, for the first a[j] that is $rel a[i],
        and let d be the number of steps from i to j, or 0 if there is none. Find $goal""",
    fast="""
        r = 0
        b = []
        for i in range($way - 1, -1, -1):
            while b and not a[b[-1] % n] $rel a[i % n]:
                b.pop()
            d = b[-1] - i if b else 0
            if i < n:
                $goal
            b.append(i)
        """,
    slow="""
        r = 0
        for i in range(n):
            d = 0
            for j in range($way_slow):
                if d == 0 and a[j % n] $rel a[i]:
                    d = j - i
            $goal
        """,
    mistakes=mistakes(
        (" - 1, -1, -1)", " - 1, 0, -1)"),
        (" - 1, -1, -1)", " - 2, -1, -1)"),
        ("2 * n", "n"),
        ("b[-1] - i if", "b[-1] - i - 1 if"),
        (" >= ", " > "),
        (" > a", " >= a"),
        (" < a", " <= a"),
        (" <= a", " < a"),
    ),
    sizes=Sizes(small=range(5, 11), medium=50, large=300),
)

RUNNING_RANKS = BroadFamily(
    name="running-ranks",
    title="Running order statistics",
    domain=array(0, 60),
    difficulty=Difficulty.MEDIUM,
    axes={
        "place": (
            *(
                pick(f"small{k}", f"number {k} from the smallest up", str(k - 1), least=str(k))
                for k in range(1, 6)
            ),
            *(
                pick(f"large{k}", f"number {k} from the largest down", f"-{k}", least=str(k))
                for k in range(1, 6)
            ),
            pick("half", "the one at position `len(w) // 2` in sorted order", "len(w) // 2", least="1"),
            pick("third", "the one at position `len(w) // 3` in sorted order", "len(w) // 3", least="1"),
            pick(
                "quarter",
                "the one at position `len(w) * 3 // 4` in sorted order",
                "len(w) * 3 // 4",
                least="1",
            ),
        ),
        "scope": (
            pick("all", "the elements up to it", "n"),
            pick("half", "the last n // 2 elements up to it (fewer near the start)", "n // 2"),
            pick("most", "the last n * 2 // 3 elements up to it (fewer near the start)", "n * 2 // 3"),
        ),
        "goal": (
            pick("sum", "the sum of all y", "r += y"),
            pick("xor", "the bitwise exclusive or of all y", "r ^= y"),
            pick(
                "turns",
                "the sum of all y at even positions i less those at odd ones",
                "r += y if i % 2 == 0 else -y",
            ),
        ),
    },
    task="""for each position i let w be $scope, itself included, and let y be, of w, $place (positions
        from 0; nothing happens where w has fewer than $place_least elements). Find $goal""",
    fast="""
        r = 0
        w = []
        for i in range(n):
            if i >= $scope:
                w.pop(bisect_left(w, a[i - $scope]))
            insort(w, a[i])
            if len(w) >= $place_least:
                y = w[$place]
                $goal
        """,
    slow="""
        r = 0
        w = []
        for i in range(n):
            if i >= $scope:
                w.remove(a[i - $scope])
            k = 0
            for x in w:
                if x < a[i]:
                    k += 1
            w.insert(k, a[i])
            if len(w) >= $place_least:
                y = w[$place]
                $goal
        """,
    mistakes=mistakes(
        ("i >= n // 2", "i > n // 2"),
        ("i >= n * 2", "i > n * 2"),
        ("len(w) // 2", "(len(w) - 1) // 2"),
        ("len(w) // 3", "(len(w) + 1) // 3"),
        ("* 3 // 4", "// 2"),
        ("y = w[-", "y = w[1-"),
        ("y = w[", "y = a["),
        ("len(w) >= ", "len(w) > "),
    ),
    sizes=Sizes(small=range(6, 11), medium=50, large=400),
)

FAMILIES = (RUN_LENGTHS, LIMITED_WINDOWS, CIRCULAR_NEXT, RUNNING_RANKS)
