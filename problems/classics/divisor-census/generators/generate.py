"""Make the secret inputs of Divisor Census."""

import random
from collections.abc import Callable, Iterator

Question = tuple[int, int, int]
MOST = 300_000
QUESTIONS = 50_000
SMALL = (1, 2, 3, 4, 5, 6, 8, 9, 10, 12, 16, 24)
LARGE = (48, 64, 72, 96, 100, 120, 144, 160, 180, 200, 1000)


def encode(questions: list[Question]) -> bytes:
    """Write one input."""
    return "".join([f"{len(questions)}\n", *(f"{a} {b} {k}\n" for a, b, k in questions)]).encode()


def drawn(rng: random.Random, count: int, most: int, divisors: tuple[int, ...]) -> list[Question]:
    """Draw both ends of each question and one of some numbers of divisors."""
    questions = []
    for _ in range(count):
        a, b = sorted((1 + int(rng.random() * most), 1 + int(rng.random() * most)))
        questions.append((a, b, divisors[int(rng.random() * len(divisors))]))
    return questions


def count_divisors(number: int) -> int:
    """Count by trial division."""
    count, prime = 1, 2
    while prime * prime <= number:
        exponent = 0
        while number % prime == 0:
            number //= prime
            exponent += 1
        count *= exponent + 1
        prime += 1
    return count * (2 if number > 1 else 1)


def edges(rng: random.Random, count: int, draw: Callable[[], int], width: int) -> list[Question]:
    """Let drawn integers lie on the edge of a question about their own number of divisors."""
    questions = []
    for _ in range(count):
        number = draw()
        other = int(rng.random() * width)
        a, b = (number, min(MOST, number + other)) if rng.random() < 0.5 else (max(1, number - other), number)
        questions.append((a, b, count_divisors(number)))
    return questions


def small_cases(rng: random.Random) -> Iterator[tuple[str, bytes]]:
    """Yield the cases that a slow solution passes."""

    def below(most: int) -> Callable[[], int]:
        return lambda: 1 + int(rng.random() * most)

    def square(most: int) -> Callable[[], int]:
        return lambda: (1 + int(rng.random() * most)) ** 2

    yield "01-one", encode([(1, 1, 1)])
    yield "02-prime", encode([(2, 2, 2)])
    yield "03-square", encode([(1, 4, 3)])
    yield "04-upper-edge", encode([(14, 17, 2)])
    yield "05-none", encode([(1, 9, 1000)])
    yield "06-lower-edge", encode([(36, 40, 9)])
    yield "07-single", encode([(60, 60, 12)])
    yield "08-squares", encode([(1, 50, 3), (1, 50, 9)])
    yield "09-edges", encode(edges(rng, 3, below(60), 9))
    yield "10-small", encode(drawn(rng, 4, 99, SMALL))
    yield "11-squares", encode(edges(rng, 5, square(12), 20))
    yield "12-one-and-primes", encode([(1, n, k) for n in (1, 2, 3, 50) for k in (1, 2)])
    yield "13-small", encode(drawn(rng, 12, 200, SMALL))
    yield "14-singles", encode(edges(rng, 15, below(2000), 1))
    yield "15-edges", encode(edges(rng, 20, below(900), 50))
    yield "16-largest", encode([(1, MOST, k) for k in (1, 2, 4, 180)] + [(MOST, MOST, 42)])
    yield "17-squares", encode(edges(rng, 30, square(40), 99))
    yield "18-small", encode(drawn(rng, 40, 1000, SMALL))
    yield "19-many-divisors", encode(drawn(rng, 50, 9000, LARGE))
    yield "20-edges", encode(edges(rng, 70, below(5000), 200))
    yield "21-all-one", encode([(1, n, n % 20 + 1) for n in range(1, 101)])
    yield "22-small", encode(drawn(rng, 120, 3000, SMALL))
    yield "23-singles", encode(edges(rng, 150, below(MOST), 1))
    yield "24-edges", encode(edges(rng, 200, below(20_000), 500))


def cases() -> Iterator[tuple[str, bytes]]:
    """Yield the name and the input of every generated case."""
    rng = random.Random(71005)
    yield from small_cases(rng)
    yield "25-large", encode(drawn(rng, 20_000, MOST, LARGE))
    yield "26-drawn", encode(drawn(rng, 30_000, MOST, SMALL))
    yield "27-squares", encode(edges(rng, 35_000, lambda: (1 + int(rng.random() * 547)) ** 2, MOST))
    yield "28-any-number", encode(drawn(rng, 40_000, MOST, tuple(range(1, 1001))))
    yield "29-drawn", encode(drawn(rng, 45_000, MOST, SMALL + LARGE))
    yield "30-primes", encode(drawn(rng, QUESTIONS, MOST, (1, 2)))
    yield "31-wide", encode([(1 + i % 9, MOST - i % 7, SMALL[i % 12]) for i in range(QUESTIONS)])
    yield "32-drawn", encode(drawn(rng, QUESTIONS, MOST, SMALL + LARGE))
