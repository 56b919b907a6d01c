"""How C++ and Java write what the programs of the micro families do.

`{0}`, `{1}` are the operands of a template. A helper is a function that a template calls; a program has only
the helpers that it needs. Numbers have 64 bits. A wrong index is an error in all three languages.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    """Kind of a value."""

    NUMBER = "number"
    NUMBERS = "list of numbers"
    COUNTS = "dictionary with a default"
    TABLE = "dictionary"
    SET = "set of numbers"


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """Templates of a language."""

    head: str
    """Lines before the helpers."""
    main: str
    """Line that begins the main function."""
    tail: tuple[str, ...]
    """Lines after the last statement."""
    indent: int
    """Levels of indentation of a statement of the main function."""
    types: Mapping[Kind, str]
    empty: Mapping[Kind, str]
    """Expression of an empty value of each kind."""
    each: str
    """Beginning of a loop: name and list."""
    number: str
    """Type of a number."""
    item: str
    """Element of a list that is written out."""
    templates: Mapping[str, str]
    helpers: Mapping[str, str]
    """Code of each helper, by its name."""


_CPP: Final = Dialect(
    head="#include <bits/stdc++.h>\nusing namespace std;\n",
    main="int main() {",
    tail=("}",),
    indent=1,
    number="long long",
    item="{0}",
    types={
        Kind.NUMBER: "long long",
        Kind.NUMBERS: "vector<long long>",
        Kind.COUNTS: "map<long long, long long>",
        Kind.TABLE: "map<long long, long long>",
        Kind.SET: "set<long long>",
    },
    empty={
        Kind.NUMBERS: "vector<long long>()",
        Kind.COUNTS: "map<long long, long long>()",
        Kind.TABLE: "map<long long, long long>()",
        Kind.SET: "set<long long>()",
    },
    each="for (long long {0} : {1}) {{",
    templates={
        "read one": "read_numbers().at(0)",
        "read all": "read_numbers()",
        "print": 'cout << {0} << "\\n";',
        "list": "vector<long long>{{{0}}}",
        "at": "at({0}, {1})",
        "put": "at({0}, {1}) = {2};",
        "count": "{0}[{1}]",
        "put count": "{0}[{1}] = {2};",
        "entry": "{0}.at({1})",
        "put entry": "{0}[{1}] = {2};",
        "remove": "{0}.erase({1});",
        "slice": "part_of({0}, {1}, {2}, {3})",
        "length": "(long long) {0}.size()",
        "some": "!{0}.empty()",
        "has": "{0}.count({1}) > 0",
        "sum": "sum({0})",
        "largest": "largest({0})",
        "smallest": "smallest({0})",
        "max": "max<long long>({0}, {1})",
        "min": "min<long long>({0}, {1})",
        "abs": "llabs({0})",
        "floor": "floor_div({0}, {1})",
        "mod": "mod({0}, {1})",
        "bisect_left": "bisect_left({0}, {1})",
        "bisect_right": "bisect_right({0}, {1})",
        "bisect_left within": "bisect_left({0}, {1}, {2}, {3})",
        "bisect_right within": "bisect_right({0}, {1}, {2}, {3})",
        "insert": "{0}.insert({0}.begin() + bisect_right({0}, {1}), {1});",
        "append": "{0}.push_back({1});",
        "add": "{0}.insert({1});",
        "pop": "pop({0}, {1})",
        "sort": "sort({0}.begin(), {0}.end());",
        "distinct": "distinct({0})",
    },
    helpers={
        "read_numbers": """\
vector<long long> read_numbers() {
    string line;
    getline(cin, line);
    istringstream words(line);
    vector<long long> found;
    for (long long word; words >> word;) found.push_back(word);
    return found;
}""",
        "at": """\
long long& at(vector<long long>& v, long long i) {
    return v.at(i < 0 ? i + (long long) v.size() : i);
}""",
        "part_of": """\
vector<long long> part_of(const vector<long long>& v, long long from, long long to, long long step) {
    long long n = v.size();
    if (from < 0) from = max(0LL, from + n);
    if (to < 0) to = max(0LL, to + n);
    vector<long long> part;
    for (long long i = from; i < min(n, to); i += step) part.push_back(v[i]);
    return part;
}""",
        "sum": """\
long long sum(const vector<long long>& v) {
    return accumulate(v.begin(), v.end(), 0LL);
}""",
        "floor_div": """\
long long floor_div(long long x, long long y) {
    return x / y - (x % y != 0 && (x < 0) != (y < 0));
}""",
        "mod": """\
long long mod(long long x, long long y) {
    return (x % y + y) % y;
}""",
        "bisect_left": """\
long long bisect_left(const vector<long long>& v, long long x, long long from = 0, long long to = -1) {
    return lower_bound(v.begin() + from, to < 0 ? v.end() : v.begin() + to, x) - v.begin();
}""",
        "bisect_right": """\
long long bisect_right(const vector<long long>& v, long long x, long long from = 0, long long to = -1) {
    return upper_bound(v.begin() + from, to < 0 ? v.end() : v.begin() + to, x) - v.begin();
}""",
        "pop": """\
long long pop(vector<long long>& v, long long i) {
    if (i < 0) i += (long long) v.size();
    long long value = v.at(i);
    v.erase(v.begin() + i);
    return value;
}""",
        "largest": """\
long long largest(const vector<long long>& v) {
    return *max_element(v.begin(), v.end());
}""",
        "smallest": """\
long long smallest(const vector<long long>& v) {
    return *min_element(v.begin(), v.end());
}""",
        "distinct": """\
set<long long> distinct(const vector<long long>& v) {
    return set<long long>(v.begin(), v.end());
}""",
    },
)

_JAVA: Final = Dialect(
    head="import java.io.*;\nimport java.util.*;\n\npublic class Main {",
    main="    public static void main(String[] arguments) throws IOException {",
    tail=("    }", "}"),
    indent=2,
    number="long",
    item="(long) ({0})",
    types={
        Kind.NUMBER: "long",
        Kind.NUMBERS: "List<Long>",
        Kind.COUNTS: "Map<Long, Long>",
        Kind.TABLE: "Map<Long, Long>",
        Kind.SET: "Set<Long>",
    },
    empty={
        Kind.NUMBERS: "new ArrayList<>()",
        Kind.COUNTS: "new HashMap<>()",
        Kind.TABLE: "new HashMap<>()",
        Kind.SET: "new HashSet<>()",
    },
    each="for (long {0} : {1}) {{",
    templates={
        "read one": "readNumbers().get(0)",
        "read all": "readNumbers()",
        "print": "System.out.println({0});",
        "list": "new ArrayList<>(Arrays.asList({0}))",
        "at": "at({0}, {1})",
        "put": "put({0}, {1}, {2});",
        "count": "count({0}, {1})",
        "put count": "{0}.put((long) ({1}), (long) ({2}));",
        "entry": "entry({0}, {1})",
        "put entry": "{0}.put((long) ({1}), (long) ({2}));",
        "remove": "{0}.remove((long) ({1}));",
        "slice": "partOf({0}, {1}, {2}, {3})",
        "length": "(long) {0}.size()",
        "some": "!{0}.isEmpty()",
        "has": "{0}.containsKey((long) ({1}))",
        "sum": "sum({0})",
        "largest": "(long) Collections.max({0})",
        "smallest": "(long) Collections.min({0})",
        "max": "Math.max({0}, {1})",
        "min": "Math.min({0}, {1})",
        "abs": "Math.abs({0})",
        "floor": "Math.floorDiv({0}, {1})",
        "mod": "Math.floorMod({0}, {1})",
        "bisect_left": "bisectLeft({0}, {1}, 0, {0}.size())",
        "bisect_right": "bisectRight({0}, {1}, 0, {0}.size())",
        "bisect_left within": "bisectLeft({0}, {1}, {2}, {3})",
        "bisect_right within": "bisectRight({0}, {1}, {2}, {3})",
        "insert": "{0}.add((int) bisectRight({0}, {1}, 0, {0}.size()), (long) ({1}));",
        "append": "{0}.add((long) ({1}));",
        "add": "{0}.add((long) ({1}));",
        "pop": "pop({0}, {1})",
        "sort": "Collections.sort({0});",
        "distinct": "new HashSet<>({0})",
    },
    helpers={
        "readNumbers": """\
    static final BufferedReader input = new BufferedReader(new InputStreamReader(System.in));

    static List<Long> readNumbers() throws IOException {
        List<Long> found = new ArrayList<>();
        StringTokenizer words = new StringTokenizer(input.readLine());
        while (words.hasMoreTokens()) found.add(Long.parseLong(words.nextToken()));
        return found;
    }""",
        "at": """\
    static long at(List<Long> v, long i) {
        return v.get((int) (i < 0 ? i + v.size() : i));
    }""",
        "put": """\
    static void put(List<Long> v, long i, long value) {
        v.set((int) (i < 0 ? i + v.size() : i), value);
    }""",
        "count": """\
    static long count(Map<Long, Long> m, long key) {
        return m.computeIfAbsent(key, missing -> 0L);
    }""",
        "entry": """\
    static long entry(Map<Long, Long> m, long key) {
        return m.get(key);
    }""",
        "partOf": """\
    static List<Long> partOf(List<Long> v, long from, long to, long step) {
        long n = v.size();
        if (from < 0) from = Math.max(0, from + n);
        if (to < 0) to = Math.max(0, to + n);
        List<Long> part = new ArrayList<>();
        for (long i = from; i < Math.min(n, to); i += step) part.add(v.get((int) i));
        return part;
    }""",
        "sum": """\
    static long sum(List<Long> v) {
        long total = 0;
        for (long x : v) total += x;
        return total;
    }""",
        "pop": """\
    static long pop(List<Long> v, long i) {
        return v.remove((int) (i < 0 ? i + v.size() : i));
    }""",
        "bisectLeft": """\
    static long bisectLeft(List<Long> v, long x, long from, long to) {
        while (from < to) {
            long middle = (from + to) / 2;
            if (v.get((int) middle) < x) from = middle + 1;
            else to = middle;
        }
        return from;
    }""",
        "bisectRight": """\
    static long bisectRight(List<Long> v, long x, long from, long to) {
        while (from < to) {
            long middle = (from + to) / 2;
            if (v.get((int) middle) <= x) from = middle + 1;
            else to = middle;
        }
        return from;
    }""",
    },
)

LANGUAGES: Final[Mapping[str, Dialect]] = {"cpp": _CPP, "cpp17": _CPP, "cpp23": _CPP, "java": _JAVA}
"""Languages that programs can be translated to."""
