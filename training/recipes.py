"""Named configurations of `codefrontier train rl`: options that a recipe of a paper fixes.

`codefrontier train rl --recipe NAME` puts the options of a recipe before those of the command line, so that
every one of them can be overridden.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

FLAG = "--recipe"
_THINK = ("--env", "Verification-single", "--algorithm", "grpo", "--group", "8")

RECIPES: Mapping[str, tuple[str, ...]] = {
    "verifier-grpo-think-4k": (*_THINK, "--max-completion-tokens", "4096"),
    "verifier-grpo-think-8k": (*_THINK, "--max-completion-tokens", "8192"),
    "verifier-grpo-think-16k": (*_THINK, "--max-completion-tokens", "16384"),
    "verifier-grpo-direct": (
        *("--env", "Verification-single,thinking=False", "--algorithm", "grpo", "--group", "8"),
        *("--max-completion-tokens", "16"),
    ),
    "verifier-raft": (
        *("--env", "Verification-single", "--algorithm", "raft", "--group", "8"),
        *("--max-completion-tokens", "8192"),
    ),
    "verifier-batch-online-grpo": (
        *(*_THINK, "--max-completion-tokens", "8192"),
        *("--prompts", "256", "--passes", "4", "--steps", "12"),
    ),
}
"""Options of each recipe. Those of verifiers are the arms of arXiv 2601.12186 that reinforce; its learning
rates and group sizes are not known, so these are ours. The arms of DPO are `codefrontier train dpo`."""


def with_recipe(words: Sequence[str]) -> list[str]:
    """Return a command line with the options of the recipe that it names in place of `--recipe NAME`.

    Raises:
        ValueError: There is no such recipe, or its name is missing.
    """
    rest, chosen = [], None
    remaining = iter(words)
    for word in remaining:
        name, separator, value = word.partition("=")
        if name == FLAG:
            chosen = value if separator else next(remaining, "")
        else:
            rest.append(word)
    if chosen is None:
        return rest
    if chosen not in RECIPES:
        raise ValueError(f"recipe must be one of {', '.join(RECIPES)}, got {chosen!r}")
    # A repeated --env adds an environment instead of replacing it, so the recipe's own is left out then.
    options = list(RECIPES[chosen])
    if any(word.partition("=")[0] == "--env" for word in rest):
        options = options[2:]
    return [*options, *rest]
