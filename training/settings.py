"""The settings of supervised training and of reinforcement, checked when they are made."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, get_args

from ..envs.options import EnvOptions
from ..judge import Verdict
from ..problems import KnownBad, Require, check_coverage
from .models.settings import ModelSettings, Schedule, check_choice, check_positive, check_whole

Packing = Literal["off", "rows", "prefixes"]
"""Layout of rows in the update: padded to the longest row; one after another without padding; or without
padding and with a prompt that several rows begin with computed once."""

Engine = Literal["local", "ray"]
"""Place of environments and judges."""

TrackerName = Literal["tensorboard", "wandb", "trackio"]
"""Name of a tracker of runs; all but tensorboard are extras of the same name."""


@dataclass(frozen=True, kw_only=True)
class RunSettings(ModelSettings):
    """The settings that supervised training and reinforcement share."""

    out: Path
    """Folder of the run, for checkpoints, metrics.jsonl and run.json."""
    seed: int = 0
    """Seed of all randomness of the run."""
    checkpoint_every: int = 10
    """Number of steps between checkpoints; the last step always has a checkpoint."""
    keep: int | None = None
    """Number of checkpoints to keep, counted from the last; all unless given."""
    grad_clip: float = 1.0
    """Largest norm of the gradient; a larger gradient is scaled down to it."""
    threads: int = 1
    """Number of torch threads of the process. Small models are fastest with one thread; another number
    rounds differently."""
    resume: bool = False
    """Continue from the last checkpoint in `out`, if there is one. The results are the same as without the
    interruption."""
    track: tuple[TrackerName, ...] = ()
    """Trackers that also get the metrics: `tensorboard` writes event files to RUN/tensorboard, `trackio` its
    local database, and `wandb` sends them, unless WANDB_MODE=offline is set."""
    track_project: str = "codefrontier"
    """Project at wandb and trackio, where the run has the name of its folder."""

    def __post_init__(self) -> None:
        super().__post_init__()
        check_whole("checkpoint_every", self.checkpoint_every, at_least=1)
        check_whole("threads", self.threads, at_least=1)
        if self.keep is not None:
            check_whole("keep", self.keep, at_least=1)
        check_positive("grad_clip", self.grad_clip)
        unknown = sorted(set(self.track) - set(get_args(TrackerName)))
        if unknown:
            raise ValueError(f"track must be among {', '.join(get_args(TrackerName))}, got {unknown}")


@dataclass(frozen=True, kw_only=True)
class SupervisedSettings(RunSettings):
    """The settings that all supervised training shares."""

    batch: int = 64
    """Number of rows per step."""
    lr: float = 2e-3
    """Highest learning rate."""
    warmup: int = 20
    """Number of steps in which the learning rate rises linearly to `lr`."""
    schedule: Schedule = "cosine"
    """Course of the learning rate after the warm-up, until the last step."""
    weight_decay: float = 0.01
    """Weight decay of AdamW."""
    checkpoint_every: int = 100
    """Number of steps between checkpoints; the last step always has a checkpoint."""

    def __post_init__(self) -> None:
        super().__post_init__()
        check_whole("batch", self.batch, at_least=1)
        check_positive("lr", self.lr)


@dataclass(frozen=True, kw_only=True)
class SFTSettings(SupervisedSettings):
    """Supervised training of a new tiny model on the corpus of the families."""

    steps: int = 1300
    """Number of optimizer steps."""
    d: int = 96
    """Width of the model; a multiple of 2 * `heads`."""
    layers: int = 3
    """Number of layers of the model."""
    heads: int = 4
    """Number of attention heads per layer."""

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("steps", "d", "layers", "heads"):
            check_whole(name, getattr(self, name), at_least=1)
        if self.lora_rank:
            raise ValueError("lora_rank: a new model has no weights to adapt; give a checkpoint with --init")


VERDICTS = (*(verdict.value for verdict in Verdict), "no_code")
"""Outcomes of an episode by which records are selected."""


@dataclass(frozen=True, kw_only=True)
class FineTuneSettings(SupervisedSettings):
    """Supervised training of a checkpoint on records of episodes, or on rows of messages."""

    init: Path
    """Checkpoint to start from, or the folder of a run, whose last checkpoint is taken."""
    from_records: tuple[Path, ...] = ()
    """Files of records, or folders of runs with such a file; the agent's replies are learned."""
    rows: tuple[Path, ...] = ()
    """Files of JSON lines {"messages": [...]} in the form of the OpenAI protocol; the turns of the assistant
    are learned."""
    env: str | None = None
    """Id of the environment whose records are learned from; all unless given."""
    problem: tuple[str, ...] = ()
    """Ids of the problems whose records are learned from; all unless given."""
    verdict: tuple[str, ...] = ("AC",)
    """Verdicts whose records are learned from; `no_code` stands for episodes without a submission."""
    system: bool = True
    """Add the system message that policies play with to episodes of mode single that have none, such as those
    of scripted agents, where their tokens come from the chat template."""
    epochs: int = 1
    """Number of times that each row is learned from."""
    steps: int | None = None
    """Number of optimizer steps; as many as the epochs need unless given."""
    batch: int = 16
    """Number of rows per step."""
    lr: float = 1e-5
    """Highest learning rate."""
    warmup: int = 0
    """Number of steps in which the learning rate rises linearly to `lr`."""
    weight_decay: float = 0.0
    """Weight decay of AdamW."""
    device: str = "cpu"
    """Device of the model, for example `cpu` or `cuda`."""

    def __post_init__(self) -> None:
        super().__post_init__()
        check_whole("epochs", self.epochs, at_least=1)
        if self.steps is not None:
            check_whole("steps", self.steps, at_least=1)
        if not self.from_records and not self.rows:
            raise ValueError("from_records or rows must name at least one file to learn from")
        for verdict in self.verdict:
            check_choice("verdict", verdict, VERDICTS)
        if not self.verdict:
            raise ValueError("verdict must name at least one verdict")


@dataclass(frozen=True, kw_only=True)
class DPOSettings(SupervisedSettings):
    """Direct preference optimization of a checkpoint on pairs of replies from records."""

    init: Path
    """Checkpoint to start from, or the folder of a run, whose last checkpoint is taken."""
    from_records: tuple[Path, ...]
    """Files of records, or folders of runs with such a file; replies to one problem with different rewards
    make pairs."""
    reference: Path | None = None
    """Checkpoint of the reference policy; the checkpoint of `init` unless given."""
    beta: float = 0.1
    """Strength of the bond to the reference policy."""
    env: str | None = None
    """Id of the environment whose records are learned from; all unless given."""
    least_gap: float = 0.5
    """Smallest difference between the rewards of the two replies of a pair."""
    pairs_per_problem: int = 4
    """Largest number of pairs of a problem; each reply is in at most one."""
    epochs: int = 1
    """Number of times that each pair is learned from."""
    steps: int | None = None
    """Number of optimizer steps; as many as the epochs need unless given."""
    batch: int = 16
    """Number of pairs per step."""
    lr: float = 5e-6
    """Highest learning rate."""
    warmup: int = 0
    """Number of steps in which the learning rate rises linearly to `lr`."""
    weight_decay: float = 0.0
    """Weight decay of AdamW."""
    device: str = "cpu"
    """Device of the models, for example `cpu` or `cuda`."""

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("epochs", "pairs_per_problem"):
            check_whole(name, getattr(self, name), at_least=1)
        if self.steps is not None:
            check_whole("steps", self.steps, at_least=1)
        if not self.from_records:
            raise ValueError("from_records must name at least one file to learn from")
        check_positive("beta", self.beta)
        check_positive("least_gap", self.least_gap)


@dataclass(frozen=True, kw_only=True)
class TrainEnvOptions(EnvOptions):
    """Keyword arguments of the environments, and the selection of problems; None keeps the default."""

    data: Path | None = None
    """Problems of a set that does not come with the package, such as LiveCodeBench: a file, or a folder of
    files."""
    window: tuple[str, str] | None = None
    """First and last contest date of the problems of LiveCodeBench, both inclusive, for example `2025-01-01
    2025-04-30`."""
    language: str | None = None
    """Programming language of submissions, for example `python` or `cpp`; `python` unless given."""
    require: Require | None = None
    """Requirement on the problems of Classics: `proved` takes only problems that `problems check` has proved,
    which is the default; `any` takes all."""
    known_bad: KnownBad | None = None
    """Treatment of the problems of LiveCodeBench that cannot be judged correctly, which are left out by
    default."""


@dataclass(frozen=True, kw_only=True)
class RLSettings(RunSettings):
    """Reinforcement of a checkpoint by the verdicts on its programs."""

    init: Path
    """Checkpoint to start from, or the folder of a run, whose last checkpoint is taken."""
    env: tuple[str, ...] = ("Families-single",)
    """Environments to train on, each as ID, ID:WEIGHT or ID:WEIGHT,FIELD=VALUE,... The problems of a step are
    divided by the weights. The fields are `coverage` and the options of environments, such as `max_turns`."""
    env_options: TrainEnvOptions = field(default_factory=TrainEnvOptions)
    """Options of all environments."""
    held_out: tuple[str, ...] = ()
    """Ids of problems that are never trained on."""
    workspaces: int = 8
    """Number of episodes in mode agentic at a time, each with a sandbox of its own."""
    curriculum: str = "none"
    """Name of the curriculum; `--curriculum.FIELD VALUE` sets a field of it."""
    curriculum_options: tuple[str, ...] = ()
    """Fields of the curriculum as FIELD=VALUE."""
    coverage: float = 1.0
    """Share of the hidden tests, in (0, 1], that decides the reward."""
    steps: int = 60
    """Number of steps; each samples episodes and updates the weights."""
    prompts: int = 24
    """Number of problems per step."""
    group: int = 8
    """Number of episodes per problem and step."""
    lr: float = 5e-5
    """Highest learning rate of AdamW."""
    passes: int = 1
    """Number of optimizer steps per batch of episodes."""
    staleness: int = 0
    """Number of updates between the weights that sample a batch and the weights that learn from it. With 1 or
    more, later batches are sampled during the updates; with 0, sampling and updates take turns."""
    refill_rounds: int = 1
    """Number of times within a step that groups without signal are replaced by groups on further problems."""
    max_completion_tokens: int = 192
    """Largest number of tokens in a reply; replies that reach it are not learned from."""
    workers: int = 2
    """Number of sandboxes that judge; with a judge elsewhere, number of submissions judged at a time; with
    the engine `ray`, number of actors."""
    judge: str = "embedded"
    """Address of the judge: `embedded` for a judge in this process, `http://HOST:PORT` of
    `codefrontier judge serve`, or `ray://local`."""
    engine: Engine = "local"
    """Place of the environments and their judges: `local` in this process, or `ray` in as many actors of Ray
    as there are `workers`."""
    ray_address: str = "ray://local"
    """Address of Ray for the engine `ray`: `ray://local` starts Ray on this machine, `ray://auto` uses the
    Ray of this machine, and `ray://HOST:PORT` another."""
    split: str = "train"
    """Split of the Families to train on: `train`, or `supply` for the micro and the broad families; other
    splits of the micro families are `validation` and `heldout`."""
    algorithm: str = "grpo"
    """Name of the algorithm; `--algorithm.FIELD VALUE` sets a field of it."""
    algorithm_options: tuple[str, ...] = ()
    """Fields of the algorithm as FIELD=VALUE."""
    packing: Packing = "off"
    """Layout of rows in the update: `off` pads rows of similar length, `rows` puts rows one after another
    without padding, `prefixes` also computes a prompt once for all episodes on it. Results differ by rounding
    only."""
    judge_model: str | None = None
    """Name in litellm of the judge model, for algorithms that ask a model to rate steps, for example
    `openai/gpt-5-mini`."""
    judge_model_base: str | None = None
    """Base URL of the OpenAI-compatible server of the judge model."""
    judge_model_cost_usd: float | None = None
    """Largest cost of all requests to the judge model in US dollars; the run stops when it is reached."""
    device: str = "cpu"
    """Device of the model, for example `cpu` or `cuda`."""
    sampler: str = "local"
    """Where replies are sampled: `local` in this process, `vllm:URL` on a running vLLM server in development
    mode, or `vllm:COMMAND` on a server that the command starts for each step, with `{folder}` for the weights
    and `{port}`."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.sampler != "local" and not self.sampler.startswith("vllm:"):
            raise ValueError(f"sampler must be 'local', 'vllm:URL' or 'vllm:COMMAND', got {self.sampler!r}")
        check_coverage(self.coverage)
        if not self.env:
            raise ValueError("at least one env is needed")
        for name in ("steps", "prompts", "passes", "max_completion_tokens", "workers", "workspaces"):
            check_whole(name, getattr(self, name), at_least=1)
        check_whole("group", self.group, at_least=2)
        check_whole("refill_rounds", self.refill_rounds, at_least=0)
        check_whole("staleness", self.staleness, at_least=0)
        check_choice("engine", self.engine, get_args(Engine))
        if self.engine == "ray" and self.judge != "embedded":
            raise ValueError(
                f"judge must be 'embedded' with the engine 'ray', whose actors judge, got {self.judge!r}"
            )
        if self.packing not in get_args(Packing):
            raise ValueError(f"packing must be one of {', '.join(get_args(Packing))}, got {self.packing!r}")
        check_positive("lr", self.lr)
        if self.judge_model_cost_usd is not None:
            check_positive("judge_model_cost_usd", self.judge_model_cost_usd)
