"""RePro: does progress that is labelled in hindsight make better step rewards?

    python -m codefrontier.benchmarks.lab.methods.repro --out FOLDER

An episode has up to three turns. In each the policy hands in a program whose last line states how much of the
task it solves, and reads the verdict, but not the number of tests passed. The module `turns` has the prompts.
The true progress of a step is the share of the three groups of tests (small, medium, large) that its program
passes, judged in full: under full coverage a right but slow program has two thirds, and most others all or
nothing.

The start is trained on first programs, repairs and retrospections of made episodes, with the judged progress
in statements and labels. Departures from the paper:

- Its warm-up imitates retrospections of a stronger model; here they are judged truth.
- A retrospection does not show what was stated.
- Supervised training of tiny models fences every reply, so a retrospection is handed in as a program, which
  does not compile. That counts nowhere.
- States with equal observations are compared, as always in `RePro`, although their programs differ.
- No advantage is divided by the standard deviation, in any arm.

Arms: `outcome` is GRPO; `gigpo` is RePro without rewards for progress and alignment; `stated` takes the
stated progress as label (the baseline L2 of the paper); `repro` samples a retrospection of each episode from
the policy. `true` labels steps with their true progress, which bounds what better labels could give. All arms
sample equally many episodes; a retrospection is no episode, and nothing is learned from it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import torch
from torch import Tensor

from ....agents import EpisodeRecord
from ....problems.families import Spec, Split, make_problem
from ....training import GRPO, Algorithm, EpisodePlan, Group
from ....training.algorithms.repro import (
    RePro,
    ReProSettings,
    filled,
    online_labels,
    rank_correlation,
    retrospective_progress,
    sign_agreement,
    states_before,
    step_advantages,
    step_groups,
)
from ....training.sampling.environments import TrainingEnvironment
from ....training.sampling.exercises import Exercise
from ....training.settings import TrainEnvOptions
from .command import main
from .experiment import Comparison, Experiment, Outcome, RunTask, Scale, Statement
from .starts import make_start
from .training import (
    ENV_ID,
    EVALUATION_SEED,
    accepted,
    by_problem,
    curve,
    means,
    play,
    reinforce,
    solve_rates,
)
from .turns import (
    PIECES,
    TEMPLATE,
    TURNS,
    StepJudge,
    hindsight_line,
    made_episodes,
    start_pairs,
    task_specs,
    task_stream,
    turns_of,
)

COVERAGE = 1.0
OPTIONS = TrainEnvOptions(max_submissions=TURNS, feedback="verdict")
LABELS = {"stated": "stated correlation", "repro": "hindsight correlation"}
"""Correlation of the labels of an arm with the truth; arms that reward no estimate have none."""
_MADE = 600
"""Number of made episodes in the corpus of the start."""
_BATCH = 24
"""Number of pairs per supervised step."""

STATEMENT = Statement(
    method="RePro (2606.14302)",
    claim="Progress labelled in hindsight is a better step reward than the outcome alone and than the "
    "progress that was stated.",
    metric="Solve rate: share of held-out episodes accepted within three turns, under full coverage; also of "
    "first turns. Label correlation: rank correlation, over the steps of held-out episodes, of the labels "
    "of the arm with true progress; 0 where all labels are equal.",
    control="Outcome alone (GRPO); stated progress (L2); GiGPO. Equally many episodes of three turns.",
    expectation="Solve rate above the outcome alone by little, and as high as with true labels: the verdicts "
    "nearly tell the true progress, so hindsight can know it. Against it speaks that progress is not taken "
    "back at the end: a slow program keeps two thirds of it without solving anything. Stated progress costs "
    "nothing, so statements of `stated` should rise to 100 % and lose their rank correlation, and its solve "
    "rate should be that of `gigpo`.",
    comparisons=(
        Comparison(metric="solve rate", arm="repro", control="outcome", expected="above", margin=0.03),
        Comparison(metric="solve rate", arm="repro", control="stated", expected="above", margin=0.03),
        Comparison(metric="solve rate", arm="repro", control="gigpo", expected="above", margin=0.03),
        Comparison(metric="solve rate", arm="true", control="repro", expected="above", margin=0.03),
        Comparison(metric="first solve rate", arm="repro", control="outcome", expected="above", margin=0.03),
        Comparison(metric="label correlation", arm="repro", control="stated", expected="above"),
    ),
)


class LineRePro(RePro):
    """RePro whose retrospections are asked for by one line."""

    name = "repro_lines"

    def expand(self, group: Group) -> Sequence[EpisodePlan]:
        """Return the plan of a retrospection for each episode, if the policy makes them."""
        line = Spec.parse(group.problem.id).prompt
        turns = {member.episode.sample: turns_of(member.episode) for member in group.members}
        return [
            replace(plan, prompt=hindsight_line(line, turns[plan.parent]))
            for plan in super().expand(group)
            if plan.parent is not None
        ]


def algorithm_of(arm: str, judge: StepJudge, group: int) -> Algorithm:
    """Return the algorithm of an arm.

    Args:
        arm: Name of the arm.
        judge: Judge of the true progress.
        group: Number of episodes per problem.
    """
    plain = ReProSettings(scale_by_std=False)
    match arm:
        case "outcome":
            return GRPO(group_size=group)
        case "gigpo":
            return LineRePro(group_size=group, settings=replace(plain, beta=0.0, align=0.0))
        case "true":
            return LineRePro(group_size=group, settings=plain, retrospect=judge.progress)
        case "stated":
            return LineRePro(group_size=group, settings=plain)
        case _:
            return LineRePro(group_size=group, settings=replace(plain, retrospect="policy"))


def repro_start(task: RunTask) -> Path:
    """Return the checkpoint that was trained on first programs, repairs and retrospections."""

    def pairs(seed: int) -> Iterator[tuple[str, str]]:
        made = min(_MADE, 8 * task.scale.sft_steps)
        return start_pairs(made_episodes(StepJudge(task.judge), made), seed)

    return make_start(task, "turns", pairs, pieces=PIECES, template=TEMPLATE, batch=_BATCH)


@dataclass(frozen=True, kw_only=True)
class Progress:
    """Progress after each of T steps of an episode, float64 [T]; unknown values repeat those before them."""

    stated: Tensor
    hindsight: Tensor
    true: Tensor
    advantages: Tensor
    """Advantages of the steps by the outcome alone."""


def held_out(task: RunTask, checkpoint: Path) -> tuple[list[Group], Mapping[tuple[str, int], str]]:
    """Play the held-out problems.

    Returns:
        The episodes by problem, and the texts of retrospections by problem and sample.
    """
    environment = TrainingEnvironment(env_id=ENV_ID, coverage=COVERAGE, options=OPTIONS.keywords)
    specs = task_specs(Split.VALIDATION, EVALUATION_SEED)
    exercises = [
        Exercise(environment=environment, problem=problem, coverage=COVERAGE)
        for problem in map(make_problem, islice(specs, task.scale.problems))
    ]
    asks = LineRePro(group_size=task.scale.samples, settings=ReProSettings(retrospect="policy"))
    groups = play(task, checkpoint, exercises, coverage=COVERAGE, algorithm=asks, all_runs=True)
    said = {
        (group.problem.id, member.plan.parent): member.episode.steps[0].action
        for group in groups
        for member in group.members
        if group.number
        and member.plan is not None
        and member.plan.parent is not None
        and member.episode.steps
    }
    return [group for group in groups if not group.number], said


def progress_of(group: Group, said: Mapping[tuple[str, int], str], judge: StepJudge) -> list[Progress]:
    """Return the stated, labelled and true progress of the episodes of a problem."""
    episodes = [member.episode for member in group.members if member.episode.steps]
    rewards = [torch.tensor([step.reward for step in each.steps], dtype=torch.float64) for each in episodes]
    states = step_groups([states_before(each) for each in episodes])
    advantages = step_advantages(rewards, states, scale_by_std=False)

    def hindsight(episode: EpisodeRecord) -> Tensor:
        solved = episode.judgement is not None and episode.judgement.verdict.accepted
        text = said.get((group.problem.id, episode.sample), "")
        return filled(retrospective_progress(text, steps=len(episode.steps), solved=solved))[1:]

    return [
        Progress(
            stated=filled(online_labels(each))[1:],
            hindsight=hindsight(each),
            true=filled(judge.progress(each))[1:],
            advantages=among,
        )
        for each, among in zip(episodes, advantages, strict=True)
    ]


def agreement(found: Sequence[Progress]) -> dict[str, float]:
    """Return how well stated and labelled progress agree with the truth over all steps.

    Correlations are also of the steps that are not accepted, where hindsight knows only that something is
    wrong. Signs are of the differences that a step makes: with advantages over all steps, and with true
    differences over all but first steps, which cannot lose progress. A correlation without differences is 0,
    and a sign agreement of no pairs 0.5.
    """
    stated, hindsight, true, advantages = (
        torch.cat([getattr(each, name) for each in found])
        for name in ("stated", "hindsight", "true", "advantages")
    )
    failed = true < 1

    def changes(name: str, *, first: bool) -> Tensor:
        values = [torch.cat((torch.zeros(1), getattr(each, name))).diff() for each in found]
        return torch.cat(values if first else [each[1:] for each in values])

    def sign(estimates: Tensor, truths: Tensor) -> float:
        share = sign_agreement(estimates, truths)
        return 0.5 if share is None else share

    later = changes("true", first=False)
    return {
        "stated correlation": rank_correlation(stated, true) or 0.0,
        "hindsight correlation": rank_correlation(hindsight, true) or 0.0,
        "stated correlation, failed": rank_correlation(stated[failed], true[failed]) or 0.0,
        "hindsight correlation, failed": rank_correlation(hindsight[failed], true[failed]) or 0.0,
        "stated excess": float((stated - true).mean()),
        "hindsight sign, advantage": sign(changes("hindsight", first=True), advantages),
        "stated sign, advantage": sign(changes("stated", first=True), advantages),
        "hindsight sign, true": sign(changes("hindsight", first=False), later),
        "stated sign, true": sign(changes("stated", first=False), later),
    }


def run(task: RunTask) -> Outcome:
    """Train an arm with a seed, and measure solve rates and progress on held-out problems."""
    judge, start = StepJudge(task.judge), repro_start(task)
    checkpoint, curves = start, {}
    if task.arm != "start":
        algorithm = algorithm_of(task.arm, judge, task.scale.group)
        lines = reinforce(
            task,
            algorithm,
            init=start,
            coverage=COVERAGE,
            problems=task_stream(task.seed),
            env_options=OPTIONS,
        )
        checkpoint, curves = task.folder, {"reward_mean": curve(lines, "reward_mean")}
    groups, said = held_out(task, checkpoint)
    first = by_problem(
        groups,
        lambda group: (
            sum(accepted(m) and len(m.episode.steps) == 1 for m in group.members) / len(group.members)
        ),
    )
    problems = {"solve rate": solve_rates(groups), "first solve rate": first}
    agrees = agreement([each for group in groups for each in progress_of(group, said, judge)])
    metrics = {**means(problems), **agrees}
    if task.arm in LABELS:
        metrics["label correlation"] = agrees[LABELS[task.arm]]
    return Outcome(metrics=metrics, problems=problems, curves=curves)


EXPERIMENT = Experiment(
    name="repro",
    statement=STATEMENT,
    arms=("outcome", "gigpo", "stated", "repro", "true"),
    run=run,
    scale=Scale(steps=10, prompts=4, problems=20, samples=8, reply_tokens=160, sft_steps=600),
    calibration_arms=("start",),
)

if __name__ == "__main__":
    main(EXPERIMENT)
