"""Broad families about stacks, graphs and trees."""

from __future__ import annotations

from ...model import Difficulty
from .family import Axis, BroadFamily, Sizes, mistakes, numbers, pick, residues
from .shapes import COMMANDS, EDGES, TREES

STACK_COMMANDS = BroadFamily(
    name="stack-commands",
    title="A stack with questions",
    domain=COMMANDS,
    difficulty=Difficulty.MEDIUM,
    axes={
        "ask": (
            pick("most", "the largest number on it", "b[-1][1] + all", slow="y = max(y, x)", start="b[0]"),
            pick("least", "the smallest number on it", "b[-1][2] + all", slow="y = min(y, x)", start="b[0]"),
            pick("sum", "the sum of the numbers on it", "b[-1][3] + all * len(b)", slow="y += x", start="0"),
            pick(
                "spread",
                "the largest number on it less the smallest",
                "b[-1][1] - b[-1][2]",
                slow="most, least = max(most, x), min(least, x)\ny = most - least",
                start="0",
            ),
            pick(
                "middle",
                "the largest number on it plus the smallest",
                "b[-1][1] + b[-1][2] + 2 * all",
                slow="most, least = max(most, x), min(least, x)\ny = most + least",
                start="0",
            ),
        ),
        "pops": numbers(1, 2, 3),
        "change": (
            pick("plus", "adds v to", "+=", slow="x + v"),
            pick("minus", "subtracts v from", "-=", slow="x - v"),
        ),
        "push": (
            pick("same", "v", "v"),
            pick("twice", "`2 * v`", "2 * v"),
            pick("rest", "`v % 7`", "v % 7"),
            pick("size", "v plus the number of numbers on the stack before", "v + len(b)"),
        ),
    },
    task="""begin with an empty stack. The command `+ v` puts $push on top of it; `-` takes $pops off its
        top, one after the other, or as many as there are; `* v` $change every number on it; `?` asks
        for $ask, and counts 0 while it is empty. Find the sum of all that is asked for""",
    fast="""
        r = 0
        b = []
        all = 0
        for command in commands:
            v = int(command[1]) if len(command) > 1 else 0
            if command[0] == "+":
                x = $push - all
                most, least, s = b[-1][1:] if b else (x, x, 0)
                b.append((x, max(most, x), min(least, x), s + x))
            elif command[0] == "-":
                b = b[:max(0, len(b) - $pops)]
            elif command[0] == "*":
                all $change v
            elif b:
                r += $ask
        """,
    slow="""
        r = 0
        b = []
        for command in commands:
            v = int(command[1]) if len(command) > 1 else 0
            if command[0] == "+":
                b.append($push)
            elif command[0] == "-":
                b = b[:max(0, len(b) - $pops)]
            elif command[0] == "*":
                b = [$change_slow for x in b]
            elif b:
                most = least = b[0]
                y = $ask_start
                for x in b:
                    $ask_slow
                r += y
        """,
    mistakes=mistakes(
        (" - all\n", "\n"),
        ("(x, x, 0)", "(0, 0, 0)"),
        ("max(0, len(b) - ", "(len(b) - "),
        ("s + x)", "x)"),
        ("elif b:", "elif len(b) > 1:"),
        (" + 2 * all", " + all"),
        ("max(most, x)", "x"),
    ),
    sizes=Sizes(small=range(8, 15), medium=50, large=700),
)
EDGE_GROUPS = BroadFamily(
    name="edge-groups",
    title="Groups that edges join",
    domain=EDGES,
    difficulty=Difficulty.MEDIUM,
    axes={
        "rest": residues(range(2, 7)),
        "goal": (
            pick("groups", "the sum, over all edges, of the number of groups just after it", "r += count"),
            pick("useful", "how many edges join two different groups", "r += joined"),
            pick(
                "large",
                "the sum, over all edges, of the size of the group of u just after it",
                "r += size[name[u]]",
            ),
            pick(
                "squares",
                "the sum of the squares of the sizes of all groups at the end",
                "r = sum(map(int.__mul__, size, size))",
            ),
            pick("small", "how many groups consist of a single node at the end", "r = size.count(1)"),
            pick(
                "late",
                "the position, from 1, of the last edge that joins two different groups, or 0",
                "r = position if joined else r",
            ),
        ),
    },
    task="""at first each node is a group of its own. The edges come one after the other; one with u + v
        being $rest is ignored (but comes, too); any other joins the groups of u and v into one. Find
        $goal""",
    fast="""
        r = 0
        count = n
        position = 0
        name = list(range(n))
        size = [1] * n
        members = [[x] for x in range(n)]
        for u, v in edges:
            position += 1
            joined = 0
            if (u + v) % $rest_m != $rest_rest and name[u] != name[v]:
                x, y = name[u], name[v]
                if size[x] < size[y]:
                    x, y = y, x
                for z in members[y]:
                    name[z] = x
                members[x] += members[y]
                size[x] += size[y]
                size[y] = 0
                count -= 1
                joined = 1
            $goal
        """,
    slow="""
        r = 0
        count = n
        position = 0
        name = list(range(n))
        for u, v in edges:
            position += 1
            joined = 0
            size = [0] * n
            x, y = name[u], name[v]
            for z in range(n):
                if name[z] == y and (u + v) % $rest_m != $rest_rest:
                    name[z] = x
                size[name[z]] += 1
            if x != y and name[v] == x:
                count -= 1
                joined = 1
            $goal
        """,
    mistakes=mistakes(
        (" and name[u] != name[v]", ""),
        ("% 2 != 0", "% 2 != 1"),
        ("name[z] = x", "name[y] = x"),
        ("joined = 1", "joined = size[x] > 2"),
        ("count -= 1", "count -= size[x] > 2"),
        ("size[y] = 0", "size[y] = 1"),
        ("position += 1", "position = count"),
        ("size[x] += size[y]", "size[x] += 1"),
        ("!= ", "== "),
    ),
    sizes=Sizes(small=range(5, 10), medium=25, large=170),
)

_FILTERS: Axis = (
    pick("all", "all nodes", "True"),
    pick("leaves", "the nodes without a child", "children[i] == 0"),
    pick("inner", "the nodes with a child", "children[i]"),
    pick("odd", "the nodes of odd number", "i % 2"),
    pick("even", "the nodes of even number", "i % 2 == 0"),
    pick("single", "the nodes with exactly one child", "children[i] == 1"),
)

_TREE_GOALS: Axis = (
    pick("sum", "the sum of the values of", "r += k"),
    pick("scaled", "the sum of the products of number and value of", "r += i * k"),
    *(
        pick(
            f"rest{choice.name}",
            f"how many have a value that is {choice.words} among",
            f"if k % {choice.parts['m']} == {choice.parts['rest']}:\n    r += 1",
        )
        for choice in residues(range(2, 5))
    ),
)

TREE_DEPTHS = BroadFamily(
    name="tree-depths",
    title="Ways up a tree",
    domain=TREES,
    difficulty=Difficulty.EASY,
    axes={
        "value": (
            pick("depth", "its depth", "1", start="0"),
            pick(
                "odd",
                "the number of nodes of odd number on the way from it to the root, both included",
                "i % 2",
                start="0",
            ),
            pick(
                "sum", "the sum of the numbers on the way from it to the root, modulo 1000,", "i", start="0"
            ),
            pick(
                "fives",
                "the number of multiples of 5 on the way from it to the root, both included",
                "(i % 5 == 0)",
                start="1",
            ),
        ),
        "goal": _TREE_GOALS,
        "among": _FILTERS,
    },
    task="""the value of a node is $value. Find $goal $among""",
    fast="""
        r = 0
        children = [0] * n
        for i in range(1, n):
            children[p[i]] += 1
        b = [$value_start]
        for i in range(1, n):
            b.append((b[p[i]] + $value) % 1000)
        for i in range(n):
            k = b[i]
            if $among:
                $goal
        """,
    slow="""
        r = 0
        children = [0] * n
        for i in range(1, n):
            children[p[i]] += 1
        for j in range(n):
            k = $value_start
            i = j
            while i > 0:
                k += $value
                i = p[i]
            k %= 1000
            i = j
            if $among:
                $goal
        """,
    mistakes=mistakes(
        ("b[p[i]] + ", "b[i - 1] + "),
        ("for i in range(n)", "for i in range(1, n)"),
        ("b = [0]", "b = [1]"),
        ("b = [1]", "b = [0]"),
        ("for i in range(n)", "for i in range(n - 1)"),
        ("children[i] == 0", "children[i] == 1"),
        ("children[i] == 1", "children[i]"),
        ("b[p[i]] + i", "b[p[i]] + p[i]"),
    ),
    sizes=Sizes(small=range(5, 12), medium=45, large=500),
)

_PARTS: Axis = (
    pick("all", "all nodes", "True"),
    pick("odd", "the nodes of odd number", "i % 2"),
    pick("even", "the nodes of even number", "i % 2 == 0"),
    pick("threes", "the nodes whose number is a multiple of 3", "i % 3 == 0"),
    pick("forks", "the nodes with at least two children", "children[i] > 1"),
)

SUBTREES = BroadFamily(
    name="subtrees",
    title="Subtrees",
    domain=TREES,
    difficulty=Difficulty.MEDIUM,
    axes={
        "value": (
            pick(
                "size",
                "the number of nodes of its subtree, itself included",
                own="1",
                mix="b[p[i]] += b[i]",
                up="b[i] += 1",
            ),
            pick(
                "most",
                "the largest `j * 37 % 101` of the nodes j of its subtree, itself included",
                own="j * 37 % 101",
                mix="b[p[i]] = max(b[p[i]], b[i])",
                up="b[i] = max(b[i], j * 37 % 101)",
            ),
            pick(
                "odd",
                "the number of nodes of odd number in its subtree, itself included",
                own="j % 2",
                mix="b[p[i]] += b[i]",
                up="b[i] += j % 2",
            ),
            pick(
                "xor",
                "the bitwise exclusive or of the numbers in its subtree, itself included",
                own="j",
                mix="b[p[i]] ^= b[i]",
                up="b[i] ^= j",
            ),
        ),
        "goal": _TREE_GOALS,
        "among": _PARTS,
    },
    task="""the value of a node is $value. Find $goal $among""",
    fast="""
        r = 0
        children = [0] * n
        for i in range(1, n):
            children[p[i]] += 1
        b = [$value_own for j in range(n)]
        for i in range(n - 1, 0, -1):
            $value_mix
        for i in range(n):
            k = b[i]
            if $among:
                $goal
        """,
    slow="""
        r = 0
        children = [0] * n
        for i in range(1, n):
            children[p[i]] += 1
        b = [0] * n
        for j in range(n):
            i = j
            while i >= 0:
                $value_up
                i = p[i]
        for i in range(n):
            k = b[i]
            if $among:
                $goal
        """,
    mistakes=mistakes(
        ("range(n - 1, 0, -1)", "range(1, n)"),
        ("range(n - 1, 0, -1)", "range(n - 2, 0, -1)"),
        ("for i in range(n):", "for i in range(1, n):"),
        ("children[i] > 1", "children[i] > 0"),
        ("k % ", "(k + 1) % "),
        ("b[p[i]]", "b[i - 1]"),
    ),
    sizes=Sizes(small=range(5, 12), medium=45, large=500),
)

FAMILIES = (STACK_COMMANDS, EDGE_GROUPS, TREE_DEPTHS, SUBTREES)
