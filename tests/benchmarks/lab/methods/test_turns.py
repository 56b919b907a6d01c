"""The prompts of episodes of several turns, and how progress is compared with the truth."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

import pytest

from codefrontier.judge import Judge
from codefrontier.problems.families import (
    CELLS,
    COMBINATIONS,
    CorpusItem,
    ProgramPlan,
    Spec,
    make_problem,
    write_program,
)

if TYPE_CHECKING:  # torch takes seconds: conftest.py runs these imports before the first test
    import torch

    from codefrontier.agents.policy.tokenizer import PolicyTokenizer
    from codefrontier.benchmarks.lab.methods.repro import EXPERIMENT, Progress, agreement
    from codefrontier.benchmarks.lab.methods.turns import (
        LEVELS,
        PIECES,
        STATED,
        TEMPLATE,
        TURNS,
        Attempt,
        MadeEpisode,
        StepJudge,
        Turn,
        hindsight_line,
        made_episodes,
        repair_line,
        start_pairs,
        written,
    )
    from codefrontier.training.algorithms.repro import retrospective_progress, stated_progress
    from codefrontier.training.pretraining.model import CONTEXT
    from codefrontier.training.pretraining.sft import sft_rows
    from codefrontier.training.pretraining.tokenizer import BEGIN, FENCE_CLOSE, FENCE_OPEN, build_tokenizer

SPEC = Spec(cell=CELLS[0], combination=COMBINATIONS[5])
OBSERVATION = "# Title\n\n{line}\n\nprose\n"


@pytest.fixture(scope="module")
def tokenizer() -> Any:
    return build_tokenizer(PIECES, context=CONTEXT, template=TEMPLATE)


@pytest.fixture(scope="module")
def policy(tokenizer: Any) -> PolicyTokenizer:
    return PolicyTokenizer(tokenizer, eos_ids=(), context=CONTEXT)


@pytest.fixture(scope="module")
def judge() -> Iterator[StepJudge]:
    with Judge(workers=1) as opened:
        yield StepJudge(opened)


def conversation(*replies: tuple[str, str]) -> list[dict[str, str]]:
    """Return the messages of an episode whose replies got these observations."""
    messages = [
        {"role": "system", "content": "You solve problems."},
        {"role": "user", "content": OBSERVATION.format(line=SPEC.prompt)},
    ]
    for reply, observation in replies:
        messages += [{"role": "assistant", "content": reply}, {"role": "user", "content": observation}]
    return messages


def test_a_first_turn_reads_the_task_and_a_later_one_the_last_program_and_its_verdict(
    policy: PolicyTokenizer,
) -> None:
    program = write_program(SPEC, ProgramPlan.SLOW)
    reply = f"{FENCE_OPEN}{program}{STATED}67%{FENCE_CLOSE}"
    wrong = "Submitted. Verdict: WA (wrong answer).\n\nTurn 1 of 3. 1 of 3 submissions made."
    broken = "Submitted. Verdict: CE (compile error).\nVerdict: x"
    first, second, third = (
        conversation(*replies) for replies in ((), ((reply, wrong),), (("nothing", wrong), (reply, broken)))
    )
    assert policy.rendered(first, prompt=True) == BEGIN + SPEC.prompt
    for messages, verdict in ((second, " WA"), (third, " CE")):
        line = repair_line(SPEC.prompt, Turn(program=program, verdict=verdict))
        assert policy.rendered(messages, prompt=True) == BEGIN + line
        # The history is rewritten, so the tokens of a turn begin anew.
        row = (*policy.prompt_ids(messages[:-2]), *policy.encode(messages[-2]["content"]))
        assert policy.next_prompt_ids(row, messages) == policy.encode(BEGIN + line)
    nothing = conversation(("", "Nothing was judged: the reply holds no fenced code block."))
    assert policy.rendered(nothing, prompt=True) == f"{BEGIN}{SPEC.prompt} repair none"
    row = (*policy.prompt_ids(nothing[:-2]), policy.end_id)
    assert policy.next_prompt_ids(row, nothing) == policy.encode(f"{BEGIN}{SPEC.prompt} repair none")


def test_every_reply_of_known_pieces_can_be_shown_in_a_prompt(policy: PolicyTokenizer) -> None:
    generator = random.Random(0)
    pieces = (*PIECES, *10 * (FENCE_OPEN, FENCE_CLOSE, "\n", "\n    "))
    for _ in range(300):
        reply = FENCE_OPEN * generator.randrange(2) + "".join(generator.choices(pieces, k=30))
        messages = conversation((reply, "Submitted. Verdict: RTE (run-time error)."))
        line = repair_line(SPEC.prompt, Turn(program=written(reply), verdict=" RTE"))
        assert policy.rendered(messages, prompt=True) == BEGIN + line
        assert policy.prompt_ids(messages)  # refuses what the tokenizer does not know


def test_a_hindsight_line_of_three_long_replies_leaves_room_for_the_labels(policy: PolicyTokenizer) -> None:
    program = "a" + " = a" * ((EXPERIMENT.scale.reply_tokens - 2) // 2)
    line = hindsight_line(SPEC.prompt, [Turn(program=program, verdict=" none")] * TURNS)
    labels = "\n".join(f"Step {step}: 100%" for step in range(1, TURNS + 1))
    ids = policy.encode(f"{BEGIN}{line}{FENCE_OPEN}{labels}{FENCE_CLOSE}")
    assert len(ids) + 1 <= CONTEXT


def made(*attempts: tuple[str, int, bool]) -> MadeEpisode:
    item = CorpusItem(spec=SPEC, plan=ProgramPlan.SLOW, bugs=("missing",), program=attempts[0][0])
    return MadeEpisode(
        item=item,
        attempts=tuple(
            Attempt(
                program=program, verdict=" AC" if passed == 3 else " WA", progress=passed / 3, imitated=own
            )
            for program, passed, own in attempts
        ),
    )


def test_pairs_state_and_label_the_judged_progress(tokenizer: Any) -> None:
    program = write_program(SPEC, ProgramPlan.SLOW)
    episode = made(("#slow\nr = 0", 1, True), ("#slow\nr = 1", 2, False), (program, 3, True))
    pairs = list(islice(start_pairs([episode], 1), 200))
    assert sft_rows(tokenizer, pairs)
    repairs = {pair for pair in pairs if " repair" in pair[0]}
    assert repairs == {(f"{SPEC.prompt} repair WA#slow\u00b60r = 1", f"{program}\n# Progress: 100%")}
    hindsight = {pair for pair in pairs if " hindsight" in pair[0]}
    assert {reply for _, reply in hindsight} == {"Step 1: 33%\nStep 2: 67%\nStep 3: 100%"}
    ((line, reply),) = hindsight
    assert line.startswith(f"{SPEC.prompt} hindsight#slow\u00b60r = 0 1=WA#slow\u00b60r = 1 2=WA#slow")
    assert line.endswith(" 3=AC")
    fenced = f"{FENCE_OPEN}{reply}{FENCE_CLOSE}"
    assert retrospective_progress(fenced, steps=3, solved=False) == [0.33, 0.67, 1.0]
    firsts = [pair for pair in pairs if pair not in repairs | hindsight]
    assert 80 < len(firsts) < 120
    assert (SPEC.prompt, "#slow\nr = 0\n# Progress: 33%") in firsts
    assert {round(100 * (stated_progress(reply) or 0)) for _, reply in firsts} == {33, 67, 100}


@pytest.mark.sandbox
def test_made_episodes_are_judged_and_end_with_an_accepted_program(judge: StepJudge) -> None:
    episodes = made_episodes(judge, 12)
    assert len(episodes) == 12
    for episode in episodes:
        attempts = episode.attempts
        assert 1 <= len(attempts) <= TURNS
        assert all(each.progress < 1 and each.verdict != " AC" for each in attempts[:-1])
        assert len(attempts) == TURNS or attempts[-1].verdict == " AC"
        assert all(each.percent in LEVELS for each in attempts)


@pytest.mark.sandbox
def test_the_progress_of_a_program_is_the_share_of_groups_of_tests_that_it_passes(judge: StepJudge) -> None:
    problem = make_problem(SPEC)
    slow, fast = (judge.attempt(problem, write_program(SPEC, plan)) for plan in ProgramPlan)
    assert (slow.percent, slow.verdict) == (67, " TLE")
    assert (fast.percent, fast.verdict) == (100, " AC")
    assert judge.attempt(problem, "print(").verdict == " CE"


def progress(
    stated: Sequence[float], hindsight: Sequence[float], true: Sequence[float], advantages: Sequence[float]
) -> Progress:
    return Progress(
        **{
            name: torch.tensor(values, dtype=torch.float64)
            for name, values in {
                "stated": stated,
                "hindsight": hindsight,
                "true": true,
                "advantages": advantages,
            }.items()
        }
    )


def test_agreement_is_counted_over_steps() -> None:
    found = agreement(
        [
            progress([1.0, 1.0, 1.0], [0.0, 0.5, 0.25], [0.0, 0.5, 0.75], [1.0, 1.0, 1.0]),
            progress([1.0], [1.0], [1.0], [-1.0]),
        ]
    )
    # Worked by hand: hindsight ranks (1, 3, 2, 4) against (1, 2, 3, 4): 1 - 6 * 2 / (4 * 15) = 0.8.
    assert found["hindsight correlation"] == pytest.approx(0.8)
    assert found["hindsight correlation, failed"] == pytest.approx(0.5)
    assert found["stated correlation"] == found["stated correlation, failed"] == 0.0
    assert found["stated excess"] == pytest.approx((1 + 0.5 + 0.25 + 0) / 4)
    # Hindsight changes by 0, 0.5, -0.25 and 1, with advantages 1, 1, 1 and -1; the truth by 0.5 and 0.25.
    assert found["hindsight sign, advantage"] == pytest.approx(1 / 3)
    assert found["hindsight sign, true"] == 0.5
    assert found["stated sign, true"] == 0.5, "no pair"
