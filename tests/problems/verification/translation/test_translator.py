"""Translated programs: what they print, and what is not translated."""

from __future__ import annotations

from itertools import islice

import pytest

from codefrontier.judge import Judge, Language, Submission
from codefrontier.problems import Limits
from codefrontier.problems.families import Spec, shuffled_supply
from codefrontier.problems.families.supply import problem_of
from codefrontier.problems.verification.translation import LANGUAGES, translate

EVERYTHING = """\
from bisect import *
from collections import *
for _ in range(int(input())):
    a = list(map(int, input().split()))
    a = a[1:-1]
    a = [x % 7 - 3 for x in a]
    c = [i ^ 1 for i in range(3)]
    n = len(a)
    k = -n // 3
    t = sum(a[::2])
    r = max(a) - min(c)
    d = defaultdict(int)
    e = {}
    f = set()
    g = []
    for i in range(n):
        d[a[i]] += 2
        e[a[i]] = i
        f.add(a[i])
        insort(g, a[i])
        if a[i] in e and i >= 1 and e[a[i]] != 2 or n < 2:
            r -= bisect_right(g, a[i], 0, i)
        else:
            r ^= bisect_left(g, a[i])
    for i in range(n - 1, -1, -1):
        while g and g[-1] > a[i]:
            r = r * 3 + g.pop()
    a.sort()
    del e[a[len(a) - 1]]
    a[0] = a[-1] * 2
    print((r | 1) % 10000000019)
    print(len(d) + len(f) + d[99] + abs(k) + t + min(a[0], 5) + max(n, 2))
"""
"""Program with everything that is translated."""
INPUT = b"2\n5 3 9 12 -4 8 3 6 7 7 1\n9 1 2 3 4 4 9\n"


@pytest.mark.sandbox
@pytest.mark.parametrize("language", ["cpp", "java"])
def test_a_translation_prints_what_the_program_prints(language: str) -> None:
    translated = translate(EVERYTHING, language)
    assert translated is not None
    limits = Limits(time_s=5.0, memory_mib=512)
    with Judge(workers=1) as judge:
        wanted, found = (
            judge.execute(Submission(source=text.encode(), language=each), INPUT, limits=limits)
            for text, each in ((EVERYTHING, Language.PYTHON), (translated, Language(language)))
        )
    assert wanted.stdout.count(b"\n") == 4
    assert found.stdout == wanted.stdout, translated


@pytest.mark.parametrize("language", LANGUAGES)
def test_most_programs_of_the_micro_families_are_translated(language: str) -> None:
    specs = (each for each in shuffled_supply("train", 0) if isinstance(each, Spec))
    problems = [problem_of(each) for each in islice(specs, 40)]
    sources = [each.source.decode() for problem in problems for each in problem.submissions]
    translated = [translate(each, language) for each in sources]
    assert sum(each is not None for each in translated) >= 0.9 * len(sources)
    assert translated == [translate(each, language) for each in sources]


@pytest.mark.parametrize(
    "line",
    [
        "print('text')",
        "print(missing)",
        "print([1])",
        "a = 1 if True else 2",
        "a = [x for x in b if x]",
        "a = {1: 2}",
        "a = 1\na = []",
        "for i in range(3):\n    s = i\nprint(s)",
        "for i in range(0, 9, 2):\n    print(i)",
        "for i, j in []:\n    pass",
        "import os",
        "a = [1, 2][::-1]",
        "a = 2.5",
        "a = True",
        "print(2 ** 3)",
        "print(10000000000000000000)",
        "print(1, 2)",
        "a = sorted([1])",
        "while 1 < 2:\n    break",
        "a = 1\na.append(2)",
        "a = []\na[0:1] = [2]",
    ],
)
def test_anything_else_is_not_translated(line: str) -> None:
    assert [translate(line, each) for each in ("cpp", "java")] == [None, None]


def test_bad_input_is_told() -> None:
    with pytest.raises(ValueError, match="translated to cpp, cpp17, cpp23, java, got 'go'"):
        translate("print(1)", "go")
    with pytest.raises(SyntaxError):
        translate("print(", "cpp")
