"""Numbers about a server, in the text form of Prometheus."""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping

from ..policy.batcher import Load

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
BUCKETS_S = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0)
"""Upper limits of the histogram of latencies, in seconds."""
PREFIX = "codefrontier"
CANCELLED = "cancelled"
"""Outcome of a request whose client went away; other outcomes are the status of HTTP."""
UNKNOWN = "unknown"
"""Model of a request that names no served model, and route of a request for a route that does not exist.
What a client invents is no label: there would be no end to the labels."""
ROUTES = ("/v1/chat/completions", "/v1/completions", "/v1/models", "/health", "/metrics")
Labels = tuple[tuple[str, str], ...]


class Metrics:
    """Counts requests and tokens, from any thread, since the server started."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests: Counter[Labels] = Counter()
        self._tokens: dict[str, Counter[Labels]] = {"prompt": Counter(), "completion": Counter()}
        self._latencies: defaultdict[Labels, list[int]] = defaultdict(lambda: [0] * (len(BUCKETS_S) + 1))
        self._seconds: defaultdict[Labels, float] = defaultdict(float)

    def note(self, *, model: str, route: str, outcome: str, seconds: float) -> None:
        """Count a request.

        Args:
            model: Name of the model, or `UNKNOWN`.
            route: Path of the request.
            outcome: Status of HTTP, or `CANCELLED`.
            seconds: Wall seconds from the request to the end of its answer.
        """
        where = (("model", model), ("route", route))
        with self._lock:
            self._requests[(*where, ("outcome", outcome))] += 1
            self._latencies[where][bisect_left(BUCKETS_S, seconds)] += 1
            self._seconds[where] += seconds

    def note_refused(self, *, model: str, route: str, status: int) -> None:
        """Count a request that was refused because of its form, before anything was done for it.

        Such requests have no latency.

        Args:
            model: Name of the model, or `UNKNOWN`.
            route: Path of the request.
            status: Status of HTTP.
        """
        told = route if route in ROUTES else UNKNOWN
        with self._lock:
            self._requests[(("model", model), ("route", told), ("outcome", str(status)))] += 1

    def note_tokens(self, *, model: str, read: int, written: int) -> None:
        """Count the tokens of an answered request."""
        with self._lock:
            self._tokens["prompt"][(("model", model),)] += read
            self._tokens["completion"][(("model", model),)] += written

    def text(self, loads: Mapping[str, Load]) -> str:
        """Return all numbers.

        Args:
            loads: What the models have to do now, by name.
        """
        with self._lock:
            lines = [*self._counted(), *self._timed()]
        running = [((("model", name),), load.running) for name, load in loads.items()]
        waiting = [((("model", name),), load.waiting) for name, load in loads.items()]
        lines += _family("rows_running", "gauge", "Continuations that are being sampled.", running)
        lines += _family("rows_waiting", "gauge", "Continuations that wait for a row.", waiting)
        return "\n".join(lines) + "\n"

    def _counted(self) -> Iterator[str]:
        yield from _family("requests_total", "counter", "Requests by outcome.", self._requests.items())
        for kind, counted in self._tokens.items():
            about = f"Tokens of answered requests: {kind}."
            yield from _family(f"{kind}_tokens_total", "counter", about, counted.items())

    def _timed(self) -> Iterator[str]:
        name = f"{PREFIX}_request_seconds"
        yield f"# HELP {name} Wall seconds from a request to the end of its answer."
        yield f"# TYPE {name} histogram"
        for where, counts in self._latencies.items():
            total = 0
            for limit, count in zip((*map(str, BUCKETS_S), "+Inf"), counts, strict=True):
                total += count
                yield f"{name}_bucket{_labels((*where, ('le', limit)))} {total}"
            yield f"{name}_sum{_labels(where)} {self._seconds[where]:.6f}"
            yield f"{name}_count{_labels(where)} {total}"


def _family(name: str, kind: str, about: str, values: Iterable[tuple[Labels, int]]) -> Iterator[str]:
    yield f"# HELP {PREFIX}_{name} {about}"
    yield f"# TYPE {PREFIX}_{name} {kind}"
    for labels, value in values:
        yield f"{PREFIX}_{name}{_labels(labels)} {value}"


def _labels(labels: Labels) -> str:
    told = ",".join(f'{name}="{_escaped(value)}"' for name, value in labels)
    return f"{{{told}}}"


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
