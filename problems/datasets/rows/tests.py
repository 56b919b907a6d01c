"""Test cases of rows, decoded when they are used.

The decoded tests of the rows used last are held in memory, up to a number of bytes. Those of other rows are
read from the file again.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from ...errors import NoTestsError, ProblemError
from ...testset import InlineData, TestCase
from .files import RowLocation

BYTES_IN_MEMORY = 64 << 20
"""Most bytes of decoded tests in memory; the row used last is held whatever its size."""
DecodedTests = tuple[InlineData, ...]


class Decoder(Protocol):
    """Turns the fields of a row into test cases. Hashable, and can be pickled."""

    @property
    def tested(self) -> tuple[str, ...]:
        """Fields that tests are decoded from."""
        ...

    def decode(self, fields: Mapping[str, object]) -> Sequence[InlineData]:
        """Return every test case of a row.

        Raises:
            ValueError: The test cases are malformed.
        """
        ...


@dataclass(frozen=True, kw_only=True)
class RowTests:
    """The tests of one row, which are read and decoded when they are used."""

    place: RowLocation
    decoder: Decoder
    problem_id: str
    """Id of the row's problem, for messages."""

    def open(self) -> list[TestCase]:
        """List the test cases; their bytes are read again when they have not been used for long.

        Raises:
            ProblemError: They are malformed; the message has the place.
            NoTestsError: There are none.
        """
        return [
            _case(position, data, RowTest(tests=self, position=position))
            for position, data in enumerate(self.data())
        ]

    def data(self) -> DecodedTests:
        """Return the decoded tests, from memory or from the file; errors as for `open`."""
        return _CACHE.get(self)

    def decode(self, fields: Mapping[str, object]) -> DecodedTests:
        """Decode the tests of fields of the row that have been read; errors as for `open`."""
        try:
            decoded = tuple(self.decoder.decode(fields))
        except (ValueError, RecursionError) as error:
            raise ProblemError(f"{self.place}: tests of problem {self.problem_id!r}: {error}") from error
        if not decoded:
            raise NoTestsError(f"{self.place}: tests of problem {self.problem_id!r}: there are no test cases")
        return decoded


@dataclass(frozen=True, kw_only=True)
class RowTest:
    """The bytes of one test case of a row."""

    tests: RowTests
    position: int
    """Position among the tests of the row, counted from 0."""

    def input(self) -> bytes:
        """Return what the program reads."""
        return self.tests.data()[self.position].input_bytes

    def answer(self) -> bytes:
        """Return what the program should print."""
        return self.tests.data()[self.position].answer_bytes


def tests_in_memory(decoded: Sequence[InlineData]) -> list[TestCase]:
    """List decoded tests under the names that `RowTests.open` gives them."""
    return [_case(position, data, data) for position, data in enumerate(decoded)]


def _case(position: int, decoded: InlineData, data: InlineData | RowTest) -> TestCase:
    return TestCase(
        name=f"test/{position + 1}", index=position, input_size=len(decoded.input_bytes), data=data
    )


class _TestCache:
    """Decoded tests of the rows used last. Thread-safe."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._held: OrderedDict[RowTests, DecodedTests] = OrderedDict()
        self._sizes: dict[RowTests, int] = {}
        self._lock = threading.Lock()

    def get(self, tests: RowTests) -> DecodedTests:
        with self._lock:
            if tests in self._held:
                self._held.move_to_end(tests)
                return self._held[tests]
            # Decoding takes several times the memory of the tests. Rows of a set are alike, so make room for
            # a row as large as the largest one held.
            self._evict(self._capacity - 2 * max(self._sizes.values(), default=0))
        # Not under the lock: other threads need not wait for a file. Two threads may decode the same row.
        decoded = tests.decode(tests.place.read(tests.decoder.tested))
        with self._lock:
            self._held[tests] = decoded
            self._sizes[tests] = sum(len(each.input_bytes) + len(each.answer_bytes) for each in decoded)
            self._evict(self._capacity)
        return decoded

    def _evict(self, capacity: int) -> None:
        """Drop the rows used longest ago until the rest fits; the row used last stays."""
        while len(self._held) > 1 and sum(self._sizes.values()) > capacity:
            oldest, _ = self._held.popitem(last=False)
            del self._sizes[oldest]


_CACHE = _TestCache(BYTES_IN_MEMORY)
