"""A run of reinforcement for torchrun, on the problems and the judge of the tests.

torchrun rank_program.py FOLDER_OF_CONFTEST SETTINGS_AS_JSON
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from codefrontier.training.errors import TrainingError
from codefrontier.training.settings import RLSettings
from codefrontier.training.trainer import train

KILLED_AFTER = "killed_after"
"""Extra setting: the step after which rank 1 is killed."""


def main() -> int:
    """Train, and return the exit status of the command."""
    sys.path.insert(0, sys.argv[1])
    parts = __import__("conftest")
    chosen: dict[str, Any] = json.loads(sys.argv[2])
    killed_after = chosen.pop(KILLED_AFTER, None)
    out = Path(chosen.pop("out"))
    rank = os.environ["RANK"]
    (out.parent / f"{out.name}.rank{rank}").write_text(str(os.getpid()))

    def on_step(metrics: Mapping[str, Any]) -> None:
        if metrics["step"] == killed_after:
            os.kill(int((out.parent / f"{out.name}.rank1").read_text()), signal.SIGKILL)

    settings = RLSettings(out=out, init=Path(chosen.pop("init")), **chosen)
    try:
        train(settings, judge=parts.TextJudge(), problems=parts.make_stream(), on_step=on_step)
    except TrainingError as error:
        print(f"error of rank {rank}: {error}", file=sys.stderr, flush=True)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
