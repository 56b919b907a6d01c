"""How a tiny model acts in the three modes: its pieces, its chat template, and the corpus that teaches it.

A model of this size knows source pieces instead of words, so a prompt is one line: the symbolic task, the
mode, what the last tool said, and the plan of the last program. A reply is a program, or a tool call around
a program:

- mode single: a program;
- mode tool: `run_samples` with a program, then `submit` with a program;
- mode agentic: `edit`, which writes the program to a file, then `run_samples` and `submit` with the file.

The prompt does not hold the programs of earlier turns, so in mode tool the second program is written anew.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from typing import Any

from ....problems.families import CorpusItem, ProgramPlan, corpus_items, vocabulary
from ..subset import training_choices

MODES: Mapping[str, str] = {
    "single": "Families-single",
    "tool": "Families-tool",
    "agentic": "Families-agentic",
}
"""Environment of each mode."""
TURNS: Mapping[str, int] = {"single": 1, "tool": 3, "agentic": 5}
"""Largest number of turns in each mode: one more than its protocol needs, and two in mode agentic."""
TOOL, AGENTIC = " tool", " agentic"
WRITTEN, PASSED, FAILED, NOTHING = STATES = (" written", " passed", " failed", " nothing")
PLANS: Mapping[ProgramPlan, str] = {ProgramPlan.FAST: " =fast", ProgramPlan.SLOW: " =slow"}
NO_PLAN = " =none"
RUN_CODE = "<function=run_samples>\n<parameter=code>\n"
SUBMIT_CODE = "<function=submit>\n<parameter=code>\n"
CREATE = (
    "<function=edit>\n<parameter=command>create</parameter>\n<parameter=path>main.py</parameter>\n"
    "<parameter=text>\n"
)
CALL_END = "\n</parameter>\n</function>"
RUN_FILE = "<function=run_samples>\n<parameter=path>main.py</parameter>\n</function>"
SUBMIT_FILE = "<function=submit>\n<parameter=path>main.py</parameter>\n</function>"
PIECES = (
    *vocabulary(),
    TOOL,
    AGENTIC,
    *STATES,
    *PLANS.values(),
    NO_PLAN,
    *(RUN_CODE, SUBMIT_CODE, CREATE, CALL_END, RUN_FILE, SUBMIT_FILE),
)
"""Pieces of prompts and replies."""
TEMPLATE = """\
{%- set found = namespace(line='', mode='', plan=' =none', turns=0) -%}
{%- for message in messages -%}
{%- if message['role'] == 'assistant' -%}
{%- set found.turns = found.turns + 1 -%}
{%- if '#fast\\n' in message['content'] -%}{%- set found.plan = ' =fast' -%}{%- endif -%}
{%- if '#slow\\n' in message['content'] -%}{%- set found.plan = ' =slow' -%}{%- endif -%}
{%- elif message['role'] == 'user' and not found.line -%}
{%- if 'You work in the directory' in message['content'] -%}{%- set found.mode = ' agentic' -%}
{%- elif '`submit`' in message['content'] -%}{%- set found.mode = ' tool' -%}{%- endif -%}
{%- for line in message['content'].split('\\n') if line.strip() and not line.startswith('#') -%}
{%- set found.line = line.strip() -%}
{%- break -%}
{%- endfor -%}
{%- endif -%}
{%- endfor -%}
{%- if not found.line -%}{{ raise_exception('the first user message has no prompt line') }}{%- endif -%}
{%- if messages[-1]['role'] == 'user' -%}
{{- bos_token + found.line + found.mode -}}
{%- if found.turns -%}
{%- set said = messages[-1]['content'] -%}
{%- if ' samples passed.' in said -%}{{- ' failed' if said.startswith('0 of') else ' passed' -}}
{%- elif 'does not compile' in said -%}{{- ' failed' -}}
{%- elif said.startswith('Wrote ') -%}{{- ' written' -}}
{%- else -%}{{- ' nothing' -}}{%- endif -%}
{{- found.plan -}}
{%- endif -%}
{%- endif -%}
"""
"""Template that makes the prompts of `mode_pairs`.

A conversation that ends with a reply has no text, so every turn begins a new sequence of tokens.
"""
# Shares of the pairs; the calls with a file are short and learned quickly.
_SINGLE, _TOOL_FIRST, _TOOL_SECOND, _AGENTIC_FIRST = 0.3, 0.22, 0.18, 0.22
_TESTED, _PASSING, _AGAIN, _SAME_PLAN = 0.85, 0.75, 0.4, 0.9


def environments() -> tuple[str, ...]:
    """Return the environments of the mixture, as `train rl --env` takes them."""
    return tuple(f"{env},max_turns={TURNS[mode]}" for mode, env in MODES.items())


def mode_pairs(job: Mapping[str, Any], seed: int) -> Iterator[tuple[str, str]]:
    """Yield prompts and replies of all modes without end, on the job's families; see `training_choices`.

    Programs are those of the corpus, with its bugs. Whether the samples passed is made up: the corpus teaches
    how to act, and reinforcement what is worth doing.
    """
    generator = random.Random(f"modes {seed}")
    cells, choices = training_choices(job)
    for item in corpus_items(seed, cells=cells, choices=choices):
        yield _pair(item, generator)


def _pair(item: CorpusItem, generator: random.Random) -> tuple[str, str]:
    draw, program = generator.random(), item.program
    if draw < _SINGLE:
        return item.prompt, program
    draw -= _SINGLE
    if draw < _TOOL_FIRST:
        opening = RUN_CODE if generator.random() < _TESTED else SUBMIT_CODE
        return item.prompt + TOOL, f"{opening}{program}{CALL_END}"
    draw -= _TOOL_FIRST
    if draw < _TOOL_SECOND:
        state = _state(generator)
        shown = item.plan if generator.random() < _SAME_PLAN else generator.choice(list(PLANS))
        return f"{item.prompt}{TOOL}{state}{PLANS[shown]}", f"{SUBMIT_CODE}{program}{CALL_END}"
    draw -= _TOOL_SECOND
    if draw < _AGENTIC_FIRST:
        return item.prompt + AGENTIC, f"{CREATE}{program}{CALL_END}"
    return _with_a_file(item, generator)


def _with_a_file(item: CorpusItem, generator: random.Random) -> tuple[str, str]:
    """Return what to do in mode agentic when the program is in its file."""
    prompt, plan = item.prompt + AGENTIC, PLANS[item.plan]
    if generator.random() < 0.5:
        return f"{prompt}{WRITTEN}{plan}", RUN_FILE if generator.random() < _TESTED else SUBMIT_FILE
    state = _state(generator)
    if state == FAILED and generator.random() < _AGAIN:
        return f"{prompt}{state}{plan}", f"{CREATE}{item.program}{CALL_END}"
    return f"{prompt}{state}{plan}", SUBMIT_FILE


def _state(generator: random.Random) -> str:
    return PASSED if generator.random() < _PASSING else FAILED
