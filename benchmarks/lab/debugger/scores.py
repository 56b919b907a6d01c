"""Scores of the experiment: a model asked in batches, exact matches, and what was stated before the runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from statistics import mean, stdev
from typing import Any

from ....agents.debugging.crux_eval import BINS
from ....agents.policy.policy import LocalPolicy, SampleRequest
from ....problems.traces import Frame, parse_frame
from ....problems.traces.state_problems import components
from .examples import Prediction

CONTROL, VALUES = ("event", "source"), ("locals", "argument")
_MOST_TOKENS = 160


class BatchedModel:
    """A checkpoint that continues the trace language, at temperature 0; answers are remembered.

    Args:
        policy: The checkpoint.
    """

    def __init__(self, policy: LocalPolicy) -> None:
        self._policy = policy
        self._known: dict[str, str] = {}

    def prepare(self, prompts: Iterable[str]) -> None:
        """Answer many prompts at a time, for later calls of `complete`."""
        wanted = [prompt for prompt in dict.fromkeys(prompts) if prompt not in self._known]
        requests = []
        for prompt in wanted:
            ids = self._policy.prompt_ids([{"role": "user", "content": prompt}])
            room = self._policy.context - len(ids)
            if room < 1:
                self._known[prompt] = ""  # longer than the context, so there is no answer
                continue
            tokens = min(_MOST_TOKENS, room)
            requests.append((prompt, SampleRequest(prompt_ids=ids, max_new_tokens=tokens, temperature=0.0)))
        sampled = self._policy.sample([request for _, request in requests])
        for (prompt, _), each in zip(requests, sampled, strict=True):
            self._known[prompt] = self._policy.decode(each.token_ids)

    def complete(self, prompt: str, *, instructions: str = "") -> str:
        """Return the answer to a prompt."""
        self.prepare([prompt])
        return self._known[prompt]


def frame_or_none(reply: str) -> Frame | None:
    """Return the state of a reply; None if it is no state."""
    try:
        return parse_frame(reply.strip())
    except ValueError:
        return None


def exact_matches(model: BatchedModel, predictions: Sequence[Prediction]) -> list[dict[str, Any]]:
    """Return for each prediction whether the state, its control flow and its values are right.

    An exit has no values: how the program ends counts as control flow.
    """
    model.prepare(each.prompt for each in predictions)
    found = []
    for each in predictions:
        frame = frame_or_none(model.complete(each.prompt))
        wanted, got = components(each.expected), components(frame) if frame else {}
        right = {name: got.get(name) == value for name, value in wanted.items()}
        values = [right[name] for name in VALUES if name in right]
        found.append(
            {
                "action": each.action.value,
                "skipped": each.skipped,
                "exact": all(right.values()),
                "control": all(right[name] for name in CONTROL),
                "values": all(values) if values else None,
            }
        )
    return found


def by_action(matches: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, float]]:
    """Return shares of right states, control flow and values by action."""
    return _shares(matches, lambda each: str(each["action"]))


def by_horizon(matches: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, float]]:
    """Return the same shares by the number of skipped states, without the exits, whose answer is known."""
    return _shares(
        [each for each in matches if each["values"] is not None], lambda each: _group(each["skipped"])
    )


def _group(skipped: int) -> str:
    border = next((each for each in BINS if skipped < each), None)
    return f"{BINS[-1]}+" if border is None else f"<{border}"


def _shares(matches: Sequence[Mapping[str, Any]], name_of: Any) -> dict[str, dict[str, float]]:
    groups: dict[str, list[Mapping[str, Any]]] = {}
    for each in matches:
        groups.setdefault(name_of(each), []).append(each)
    found = {}
    for name, members in groups.items():
        values = [each["values"] for each in members if each["values"] is not None]
        found[name] = {
            "count": float(len(members)),
            "exact": mean(each["exact"] for each in members),
            "control": mean(each["control"] for each in members),
            **({"values": mean(values)} if values else {}),
        }
    return found


def summary(values: Sequence[float]) -> dict[str, float]:
    """Return mean and standard deviation over seeds; one seed has no deviation."""
    return {"mean": mean(values), **({"sd": stdev(values)} if len(values) > 1 else {})}


def claims(runs: Sequence[Mapping[str, Any]]) -> dict[str, bool]:
    """Return which of the four statements hold in every run."""

    def shares(run: Mapping[str, Any]) -> dict[str, Any]:
        return dict(run["crux"])

    return {
        "exact match falls with skipped states": all(
            run["horizon"]["<4"]["exact"] > _far(run["horizon"]) for run in runs
        ),
        "control flow is right more often than values": all(run["control"] > run["values"] for run in runs),
        "outputs by states are better than direct": all(
            max(shares(run)["output_return"], shares(run)["output_breakpoint"]) > shares(run)["direct_output"]
            for run in runs
        ),
        "wrong lines: real above predicted above guess": all(
            run["lines"]["real"] > run["lines"]["predicted"] > run["lines"]["guess"] for run in runs
        ),
    }


def _far(horizon: Mapping[str, Mapping[str, float]]) -> float:
    """Return the exact match of all states from 8 skipped states on."""
    far = [each for name, each in horizon.items() if name not in ("<4", "<8")]
    total = sum(each["count"] for each in far)
    return sum(each["count"] * each["exact"] for each in far) / total if total else 0.0
