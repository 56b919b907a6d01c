"""Train small models on traces of family functions, and measure what they predict.

    python -m codefrontier.benchmarks.lab.debugger --out FOLDER
    python -m codefrontier.benchmarks.lab.debugger --out FOLDER --quick

What is in the folder is not made again. The last line of the output is JSON. `--quick` checks in some minutes
that everything runs; its numbers mean nothing.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import mean
from typing import Any

import torch
import tyro

from ....agents.debugging.crux_eval import (
    PerfectPlayer,
    Question,
    accuracy,
    by_skipped,
    chance_level,
    evaluate,
)
from ....agents.policy.policy import LocalPolicy
from ....judge import Judge, Workspace
from ....system import write_file
from ....training.pretraining.model import CONTEXT, tiny_model
from ....training.pretraining.trace_tokens import trace_tokenizer
from ....training.settings import FineTuneSettings
from ....training.sft.finetune import fine_tune
from ...errors import BenchError
from ..methods.runner import SCALE_FILE, check_scale
from .examples import Sizes, held_out_questions, predictions_of, write_examples
from .scores import BatchedModel, by_action, by_horizon, claims, exact_matches
from .wrong_lines import blamed_line, guess_level, predicted_debugger, real_debugger, wrong_line_tasks

QUICK = Sizes(functions=30, actions=3, steps=20, batch=4, questions=6, tasks=2, d=32, layers=1)


@dataclass(frozen=True, kw_only=True)
class DebuggerLabCommand:
    """Run the experiment and print what was found; the last line is JSON."""

    out: Path = Path("runs/debugger")
    """Folder of rows, models and results."""
    seeds: tuple[int, ...] = (0, 1, 2)
    """Seeds of training."""
    steps: int | None = None
    """Steps of training; those of the experiment unless given. Needs a folder of its own."""
    quick: bool = False
    """Sizes that only check that everything runs; needs a folder of its own."""


def main(words: Sequence[str] | None = None) -> None:
    """Run the command with the given or the process's arguments."""
    command = tyro.cli(DebuggerLabCommand, args=words, prog="debugger")
    torch.set_num_threads(1)  # another number of threads would round differently
    sizes = QUICK if command.quick else Sizes()
    if command.steps is not None:
        sizes = replace(sizes, steps=command.steps)
    try:
        check_scale(command.out / SCALE_FILE, asdict(sizes))
    except BenchError as error:
        raise SystemExit(str(error)) from error
    with Judge(workers=1) as judge:
        questions = held_out_questions(judge, sizes.questions)
        runs = [_run(judge, questions, command.out / f"seed-{seed}", seed, sizes) for seed in command.seeds]
    document = {
        "sizes": asdict(sizes),
        "seeds": list(command.seeds),
        "chance_of_outputs": chance_level(questions),
        "claims": claims(runs),
        "runs": runs,
    }
    for name, held in document["claims"].items():  # type: ignore[attr-defined]
        print(f"{'holds in every run' if held else 'does not hold':<20} {name}")
    print(json.dumps(document))


def _run(judge: Judge, questions: list[Question], out: Path, seed: int, sizes: Sizes) -> dict[str, Any]:
    result = out / "result.json"
    if result.is_file():
        known: dict[str, Any] = json.loads(result.read_text())
        return known
    out.mkdir(exist_ok=True)
    started = time.process_time()
    model = BatchedModel(LocalPolicy.load(_trained(judge, out, seed, sizes)))
    matches = exact_matches(model, predictions_of(questions))
    model.prepare(PerfectPlayer(questions).answers)  # all prompts but those of predicted states
    answered = evaluate(judge, model, questions)
    valued = [each for each in matches if each["values"] is not None]
    found = {
        "seed": seed,
        "actions": by_action(matches),
        "horizon": by_horizon(matches),
        "control": mean(each["control"] for each in valued),
        "values": mean(each["values"] for each in valued),
        "crux": accuracy(answered),
        "crux_by_skipped": by_skipped(answered),
        "lines": _lines(model, sizes.tasks),
        "cpu_s": round(time.process_time() - started, 1),
    }
    write_file(result, json.dumps(found))
    return found


def _trained(judge: Judge, out: Path, seed: int, sizes: Sizes) -> Path:
    """Return the trained model of a seed; an earlier call that was stopped is continued."""
    rows, start = out / "rows.jsonl", out / "start"
    if not rows.is_file():
        part = out / "rows.part"
        print(f"seed {seed}: {write_examples(part, judge, seed=seed, sizes=sizes)} rows", flush=True)
        part.rename(rows)
    tokenizer = trace_tokenizer(context=CONTEXT)
    if not start.is_dir():
        model = tiny_model(tokenizer, d=sizes.d, layers=sizes.layers, seed=seed)
        model.save_pretrained(start)
        tokenizer.save_pretrained(start)
    settings = FineTuneSettings(
        init=start,
        out=out / "model",
        rows=(rows,),
        steps=sizes.steps,
        batch=sizes.batch,
        lr=2e-3,
        seed=seed,
        threads=1,
    )
    return fine_tune(settings)


def _lines(model: BatchedModel, count: int) -> dict[str, float]:
    """Return the share of wrong lines found with the real and the predicted debugger, and by guessing."""
    tasks = wrong_line_tasks(count)
    with Workspace() as workspace:
        real = [blamed_line(task, real_debugger(workspace)) == task.line for task in tasks]
    predicted = [blamed_line(task, predicted_debugger(model.complete)) == task.line for task in tasks]
    return {"real": mean(real), "predicted": mean(predicted), "guess": guess_level(tasks)}


if __name__ == "__main__":
    main()
