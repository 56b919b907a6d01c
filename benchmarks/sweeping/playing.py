"""Options of commands that play checkpoints which they have made."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from tyro.conf import EnumChoicesFromValues, OmitArgPrefixes, UseAppendAction

from ...agents import ModelOptions
from ...agents.engine import EpisodeLimits
from ...judge import Language, SandboxKind
from ...judge.host import require_sandbox
from ...terminal import install_hint
from ..config import BenchConfig
from ..env_options import BenchEnvOptions
from ..errors import BenchError
from .plan import Served


@dataclass(frozen=True, kw_only=True)
class PlayOptions:
    """How checkpoints are played."""

    bench: UseAppendAction[tuple[str, ...]] = ()
    """Id of an environment that every checkpoint plays, for example `LCBHard-agentic`; may be repeated."""
    serve: bool = False
    """Serve each merge on loopback and play it over HTTP through litellm, instead of in this process."""
    device: str | None = None
    """Device of served models; `cuda` if torch finds a GPU, else `cpu`, unless given."""
    threads: int = 1
    """Number of threads of torch."""
    samples: int = 1
    """Number of episodes of each merge per problem and environment."""
    seed: int = 0
    """Seed of the environments and of the sampling, equal for all merges."""
    workers: int = 2
    """Number of episodes at a time."""
    problems: tuple[str, ...] = ()
    """Ids of the problems to play; all unless given."""
    limit: int | None = None
    """Largest number of problems per environment, the first ones in order; with --shuffle a random sample."""
    shuffle: int | None = None
    """Seed of a shuffled order of the problems."""
    data: Path | None = None
    """Problems of LiveCodeBench: a JSONL file, or a folder of such files."""
    window: tuple[str, str] | None = None
    """First and last contest date, both inclusive."""
    language: EnumChoicesFromValues[Language] = Language.PYTHON
    """Programming language of submissions."""
    judge: str | None = None
    """Address of a judge to use instead of one in this process, as for `codefrontier bench`."""
    sandbox: SandboxKind | None = None
    """Sandbox of programs and workspaces, as for `codefrontier bench`."""
    env_options: OmitArgPrefixes[BenchEnvOptions] = field(default_factory=BenchEnvOptions)
    """Keyword arguments of the environments."""
    model: OmitArgPrefixes[ModelOptions] = field(default_factory=ModelOptions)
    """Sampling settings; temperature and top_p are 1 and the seed of the sampling is --seed unless given."""
    limits: OmitArgPrefixes[EpisodeLimits] = field(default_factory=EpisodeLimits)
    """Limits of an episode."""

    def bench_config(self, out: Path) -> BenchConfig | None:
        """Return the settings of a benchmark without its agent; None without an environment.

        Raises:
            BenchError: Flags exclude each other.
            ValueError: A setting is not allowed.
        """
        if self.threads < 1:
            raise ValueError(f"threads must be at least 1, got {self.threads!r}")
        if not self.bench:
            if self.serve or self.device:
                raise BenchError("--serve and --device are for a benchmark: give --bench with an environment")
            return None
        if self.device and not self.serve:
            raise BenchError("--device is the device of served models: give --serve")
        if self.model.api_base or self.model.served_model:
            raise BenchError("this command serves what it plays: leave out --api-base and --served-model")
        chosen = {entry.name: getattr(self.model, entry.name) for entry in fields(ModelOptions)}
        unless_given = {"temperature": 1.0, "top_p": 1.0, "model_seed": self.seed}
        chosen |= {name: value for name, value in unless_given.items() if chosen[name] is None}
        names = {entry.name for entry in fields(BenchConfig)} & {entry.name for entry in fields(PlayOptions)}
        own = {name: getattr(self, name) for name in names - {"model"}}
        # The agent is replaced by that of each checkpoint.
        return BenchConfig(**own, env=self.bench, agent=("silent",), out=out, model=ModelOptions(**chosen))

    def served(self) -> Served | None:
        """Return how checkpoints are served; None if they are played in this process."""
        if not self.serve:
            return None
        if self.device:
            return Served(device=self.device)
        torch: Any = import_module("torch")  # takes seconds
        return Served(device="cuda" if torch.cuda.is_available() else "cpu")

    def prepare(self) -> None:
        """Check what would stop the command only after hours, and set the number of threads.

        Raises:
            BenchError: A package is not installed.
            SandboxError: No sandbox can be started on this host.
        """
        if not self.bench:
            return
        for package, extra in (("matplotlib", "report"), ("torch", "train"), ("transformers", "train")):
            if find_spec(package) is None:
                raise BenchError(f"to play checkpoints, {package} is needed: {install_hint(extra)}")
        if self.judge is None:
            require_sandbox(self.sandbox or "embedded")
        import_module("torch").set_num_threads(self.threads)  # other numbers of threads round differently
