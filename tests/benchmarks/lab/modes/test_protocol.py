import random
from collections import Counter
from importlib.util import find_spec
from itertools import islice
from typing import TYPE_CHECKING

import pytest

if find_spec("torch") is None:  # its import takes seconds: not when tests are collected
    pytest.skip("the extra train is not installed", allow_module_level=True)

from codefrontier.envs.actions import parse_tool_call
from codefrontier.problems.families import corpus_items
from codefrontier.problems.families.micro.problem import make_statement

if TYPE_CHECKING:
    from codefrontier.benchmarks.lab.modes import protocol
    from codefrontier.benchmarks.lab.modes.protocol import PIECES, TEMPLATE, mode_pairs
    from codefrontier.training.pretraining.sft import sft_rows
    from codefrontier.training.pretraining.tokenizer import BEGIN, build_tokenizer

ALL = {"families": (), "combinations": 0}
TASK = {"tool": "Only `submit` counts.", "agentic": "You work in the directory /work. Only `submit` counts."}


def prompt_of(*contents: str) -> str:
    """Return what the template makes of user and assistant messages in turn."""
    tokenizer = build_tokenizer(PIECES, context=512, template=TEMPLATE)
    roles = ("user", "assistant")
    messages = [{"role": roles[place % 2], "content": text} for place, text in enumerate(contents)]
    told = [{"role": "system", "content": "Submit with `submit`."}, *messages]
    return str(tokenizer.apply_chat_template(told, tokenize=False)).removeprefix(BEGIN)


def test_the_corpus_has_every_mode_and_known_pieces_only() -> None:
    pairs = list(islice(mode_pairs(ALL, 0), 300))
    rows = sft_rows(build_tokenizer(PIECES, context=512, template=TEMPLATE), pairs)  # refuses unknown pieces
    assert max(len(row.token_ids) for row in rows) < 300
    assert pairs == list(islice(mode_pairs(ALL, 0), 300)) != list(islice(mode_pairs(ALL, 1), 300))
    kinds = Counter(
        "agentic" if " agentic" in prompt else "tool" if " tool" in prompt else "single"
        for prompt, _ in pairs
    )
    assert min(kinds[mode] for mode in protocol.MODES) > 60


def test_every_reply_of_the_corpus_is_a_call_that_its_mode_allows() -> None:
    tools = {" tool": {"run_samples", "submit"}, " agentic": {"edit", "run_samples", "submit"}}
    for prompt, reply in islice(mode_pairs(ALL, 2), 200):
        mode = next((mode for mode in tools if mode in prompt), None)
        if mode is None:
            assert reply.startswith("#")
            continue
        call = parse_tool_call(f"```python\n{reply}\n```")
        assert call.name in tools[mode]
        program = call.arguments.get("code", call.arguments.get("text", "#"))
        assert str(program).startswith("#"), "the plan must be the first line of the program"


def test_the_template_makes_the_prompts_of_the_corpus() -> None:
    item = next(corpus_items(0))
    task = make_statement(item.spec)
    opening = {mode: f"# Title\n\n{task}\n{text}" for mode, text in TASK.items()}
    run = f"{protocol.RUN_CODE}#fast\npass{protocol.CALL_END}"
    assert prompt_of(f"# Title\n\n{task}") == item.prompt
    assert prompt_of(opening["tool"]) == f"{item.prompt} tool"
    assert prompt_of(opening["tool"], run, "1 of 1 samples passed.") == f"{item.prompt} tool passed =fast"
    assert prompt_of(opening["tool"], run, "0 of 1 samples passed.\nWA") == f"{item.prompt} tool failed =fast"
    assert prompt_of(opening["tool"], "?", "Nothing was done") == f"{item.prompt} tool nothing =none"
    written = (opening["agentic"], f"{protocol.CREATE}#slow\npass", "Wrote 9 characters to main.py.")
    assert prompt_of(*written) == f"{item.prompt} agentic written =slow"
    broken = (*written, protocol.RUN_FILE, "The program does not compile.")
    assert prompt_of(*broken) == f"{item.prompt} agentic failed =slow"
    assert prompt_of(opening["tool"], run) == "", "after a reply, the next prompt begins a new sequence"


def test_pairs_of_a_subset_have_its_families_only() -> None:
    job = {"families": ("pair-sums",), "combinations": 2}
    prompts = {prompt for prompt, _ in islice(mode_pairs(job, random.Random(0).randrange(9)), 60)}
    assert all(prompt.startswith("pair-sums ") for prompt in prompts)
