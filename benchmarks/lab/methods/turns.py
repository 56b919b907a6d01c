"""Episodes of several turns for the tiny models of the experiments: prompts, true progress, made episodes.

A model of this size knows source pieces instead of words, so every prompt is one line of pieces, which the
chat template makes: in the first turn the symbolic task; then the task, the verdict on the last program, and
that program with marks for its line ends. A hindsight line has the task, and every program with the number
and the verdict of its turn.

The last line of a program states the progress, `# Progress: 67%`. Neither kind of line shows it.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice

from ....agents import EpisodeRecord, JudgementRecord
from ....envs.actions import last_code_block
from ....judge import JudgePool, Language, Submission
from ....problems import Problem
from ....problems.families import (
    CELLS,
    COMBINATIONS,
    CorpusItem,
    ProgramPlan,
    Spec,
    Split,
    buggy,
    corpus_items,
    make_problem,
    program_tokens,
    shuffled_specs,
    vocabulary,
    write_program,
)
from ....training import ProblemStream
from ....training.algorithms.repro import true_progress
from ....training.pretraining.tokenizer import FENCE_CLOSE, FENCE_OPEN
from ....training.sampling.problem_stream import EPOCH_STRIDE
from .experiment import CALIBRATION_SEED
from .online_fixing import MARKS, REPAIR, VERDICTS, marked

_FAMILIES = {"pair-sums": ("gt", "ge"), "inversions": ("lt", "le", "ge"), "records": ("lt", "le", "gt")}
TASKS = tuple(cell for cell in CELLS if cell.operator in _FAMILIES.get(cell.family.name, ()))
"""Trained cells with short programs. With all cells, three programs in a prompt take too long to learn."""
TURNS = 3
GROUPS = 3
"""Number of groups of tests, by the size of their inputs, that progress counts."""
HINDSIGHT, NO_PROGRAM = " hindsight", " none"
OUTCOMES = (NO_PROGRAM, *(f" {verdict}" for verdict in VERDICTS))
STATED = "\n# Progress: "
LEVELS = tuple(round(100 * passed / GROUPS) for passed in range(GROUPS + 1))
"""Percentages that the true progress can have."""
PIECES = (
    *vocabulary(),
    REPAIR,
    HINDSIGHT,
    *OUTCOMES,
    *(f" {step}={outcome.strip()}" for step in range(1, TURNS + 1) for outcome in OUTCOMES),
    *MARKS,
    *(f"{STATED}{level}%" for level in LEVELS),
    *(f"Step {step}: {level}%" for step in range(1, TURNS + 1) for level in LEVELS),
)
"""Pieces of prompts and replies."""
TEMPLATE = """\
{%- set found = namespace(line='', reply=none) -%}
{%- for message in messages -%}
{%- if message['role'] == 'assistant' -%}
{%- set found.reply = message['content'] -%}
{%- elif message['role'] == 'user' and not found.line -%}
{%- for line in message['content'].split('\\n') if line.strip() and not line.startswith('#') -%}
{%- set found.line = line.strip() -%}
{%- break -%}
{%- endfor -%}
{%- endif -%}
{%- endfor -%}
{%- if not found.line -%}{{ raise_exception('the first user message has no prompt line') }}{%- endif -%}
{%- if messages[-1]['role'] == 'user' -%}
{{- bos_token + found.line -}}
{%- if found.reply is not none -%}
{%- set answer = messages[-1]['content'].split('Verdict: ') -%}
{{- ' repair ' + (answer[1].split(' ')[0] if answer | length > 1 else 'none') -}}
{%- if '```python\\n' in found.reply -%}
{%- set program = found.reply.split('```python\\n')[-1].split('\\n```')[0].split('\\n# Progress: ')[0] -%}
{{- program
    | replace('\\n                ', '\u00b64') | replace('\\n            ', '\u00b63')
    | replace('\\n        ', '\u00b62') | replace('\\n    ', '\u00b61') | replace('\\n', '\u00b60') -}}
{%- endif -%}
{%- endif -%}
{%- endif -%}
"""
"""Template that makes the lines of `repair_line` from the first user message and the last two messages.

A conversation that ends with a reply has no text, so every turn begins a new sequence of tokens.
"""
_NATURAL = 0.7
"""Share of first programs of made episodes that are those of the corpus."""
_REPAIRED = 0.3
"""Share of later programs of made episodes that are right and fast."""
_FIRST, _REPAIR = 0.55, 0.3
"""Shares of first programs and of repairs among the pairs; the others are retrospections."""


@dataclass(frozen=True, kw_only=True)
class Turn:
    """A step of an episode as prompts show it."""

    program: str
    """The program without its statement; empty without a program."""
    verdict: str
    """Piece of the verdict."""


@dataclass(frozen=True, kw_only=True)
class Attempt(Turn):
    """A program as it was judged."""

    progress: float
    """Share of the groups of tests that the program passes, in [0, 1]."""
    imitated: bool = True
    """Whether a start is trained to write the program."""

    @property
    def percent(self) -> int:
        """The progress in percent."""
        return round(100 * self.progress)


@dataclass(frozen=True, kw_only=True)
class MadeEpisode:
    """Attempts at a task; an accepted one ends the episode."""

    item: CorpusItem
    attempts: tuple[Attempt, ...]


def turns_of(episode: EpisodeRecord) -> list[Turn]:
    """Return the steps of an episode as prompts show them."""
    return [
        Turn(program=written(step.action), verdict=verdict_piece(step.observation)) for step in episode.steps
    ]


def written(reply: str) -> str:
    """Return the program of a reply without its statement, in pieces that a prompt can have."""
    _, fence, rest = reply.rpartition(FENCE_OPEN)
    return rest.split(FENCE_CLOSE)[0].split(STATED)[0] if fence else ""


def verdict_piece(observation: str | None) -> str:
    """Return the piece of the verdict that an observation names."""
    _, found, rest = (observation or "").partition("Verdict: ")
    return f" {rest.split(' ')[0]}" if found else NO_PROGRAM


def repair_line(line: str, turn: Turn) -> str:
    """Return the prompt that follows a turn."""
    return f"{line}{REPAIR}{turn.verdict}{marked(turn.program)}"


def hindsight_line(line: str, turns: Sequence[Turn]) -> str:
    """Return the prompt that asks for the progress after each turn."""
    steps = (
        f"{marked(turn.program)} {number}={turn.verdict.strip()}"
        for number, turn in enumerate(turns, start=1)
    )
    return f"{line}{HINDSIGHT}{''.join(steps)}"


class StepJudge:
    """Judges programs on all tests.

    Args:
        judge: Judge of the programs.
    """

    def __init__(self, judge: JudgePool) -> None:
        self._judge = judge
        self._known: dict[tuple[str, str], Attempt] = {}

    def attempt(self, problem: Problem, program: str) -> Attempt:
        """Return a program with its verdict and progress."""
        key = (problem.id, program)
        if key not in self._known:
            submission = Submission(source=program.encode(), language=Language.PYTHON)
            judgement = self._judge.judge(problem, submission, coverage=1.0, stop_early=False)
            record = JudgementRecord.of(judgement, tests=len(problem.tests))
            progress = true_progress(record, groups=GROUPS)
            self._known[key] = Attempt(program=program, verdict=f" {record.verdict.value}", progress=progress)
        return self._known[key]

    def progress(self, episode: EpisodeRecord) -> list[float]:
        """Return the true progress after each step of an episode; a step without a program made none."""
        problem = make_problem(Spec.parse(episode.problem_id))
        codes = [last_code_block(step.action) or "" for step in episode.steps]
        return [self.attempt(problem, code).progress if code.strip() else 0.0 for code in codes]


def task_specs(split: Split, seed: int) -> Iterator[Spec]:
    """Yield the specs of the tasks in a split, in an order that the seed decides."""
    return (spec for spec in shuffled_specs(split, seed) if spec.cell in TASKS)


def task_stream(seed: int) -> ProblemStream:
    """Return the stream of the tasks to train on."""

    def epoch(number: int) -> Iterator[Callable[[], Problem]]:
        for spec in task_specs(Split.TRAIN, seed + EPOCH_STRIDE * number):
            yield partial(make_problem, spec)

    return ProblemStream(epoch)


def made_episodes(judge: StepJudge, count: int) -> list[MadeEpisode]:
    """Return made episodes of up to three attempts.

    The first program is that of the corpus, or wrong; a later one is fast and right, or wrong. To resemble
    programs of a policy, wrong programs are slow, have bugs, solve another task or lack a piece; the latter
    two are not imitated.
    """
    generator = random.Random("turns")
    made = []
    for item in islice(corpus_items(CALIBRATION_SEED, cells=TASKS), count):
        problem = make_problem(item.spec)
        attempts: list[Attempt] = []
        for program, imitated in islice(_programs(item, generator), TURNS):
            attempts.append(replace(judge.attempt(problem, program), imitated=imitated))
            if attempts[-1].progress == 1:
                break
        made.append(MadeEpisode(item=item, attempts=tuple(attempts)))
    return made


def start_pairs(episodes: Sequence[MadeEpisode], seed: int) -> Iterator[tuple[str, str]]:
    """Yield prompts and replies without end: first programs, repairs and retrospections.

    Args:
        episodes: Made episodes, with each kind of pair among them.
        seed: Seed of the pairs.
    """
    firsts = [
        (each.item.prompt, _stating(each.attempts[0]))
        for each in episodes
        if each.item.bugs and each.attempts[0].imitated
    ]
    repairs = [
        (repair_line(each.item.prompt, before), _stating(after))
        for each in episodes
        for before, after in zip(each.attempts, each.attempts[1:], strict=False)
        if after.imitated
    ]
    generator, items = random.Random(f"turns {seed}"), corpus_items(seed, cells=TASKS)
    while True:
        draw = generator.random()
        if draw < _FIRST:
            item = next(items)
            # A program of the corpus without bugs fails large tests only, if slow; others were judged.
            passed = GROUPS if item.plan is ProgramPlan.FAST else GROUPS - 1
            right = Attempt(program=item.program, verdict="", progress=passed / GROUPS)
            yield generator.choice(firsts) if item.bugs else (item.prompt, _stating(right))
        elif draw < _FIRST + _REPAIR:
            yield generator.choice(repairs)
        else:
            each = generator.choice(episodes)
            yield hindsight_line(each.item.prompt, each.attempts), _labelling(each.attempts)


def _stating(attempt: Attempt) -> str:
    """Return the program of an attempt with its true progress as statement."""
    return f"{attempt.program}{STATED}{attempt.percent}%"


def _labelling(attempts: Sequence[Attempt]) -> str:
    """Return the retrospection with the true progress after each attempt."""
    return "\n".join(f"Step {step}: {each.percent}%" for step, each in enumerate(attempts, start=1))


def _programs(item: CorpusItem, generator: random.Random) -> Iterator[tuple[str, bool]]:
    """Yield programs for a task without end, each with whether it is imitated."""
    yield (item.program, True) if generator.random() < _NATURAL else _wrong(item.spec, generator)
    right = write_program(item.spec, ProgramPlan.FAST)
    while True:
        yield (right, True) if generator.random() < _REPAIRED else _wrong(item.spec, generator)


def _wrong(spec: Spec, generator: random.Random) -> tuple[str, bool]:
    """Return a program that is slow, has bugs, solves another task or lacks a piece, as in `_programs`."""
    plan, kind = generator.choice(list(ProgramPlan)), generator.randrange(5)
    if kind == 0:
        return write_program(spec, ProgramPlan.SLOW), True
    if kind < 3:
        return buggy(write_program(spec, plan), generator, count=kind).text, True
    if kind == 3:
        return write_program(_neighbour(spec, generator), plan), False
    pieces = program_tokens(write_program(spec, plan))
    gap = generator.randrange(1, len(pieces))
    return "".join(pieces[:gap] + pieces[gap + 1 :]), False


def _neighbour(spec: Spec, generator: random.Random) -> Spec:
    """Return a task that may differ in the operator, or in a part of the combination."""
    part = generator.choice(("operator", "map", "slice", "output"))
    if part == "operator":
        return replace(spec, cell=generator.choice([c for c in CELLS if c.family is spec.cell.family]))
    other = getattr(generator.choice(COMBINATIONS), part)
    return replace(spec, combination=replace(spec.combination, **{part: other}))
