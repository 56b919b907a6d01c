"""The commands `codefrontier vllm write` and `codefrontier vllm check`."""

from __future__ import annotations

import shlex
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import tyro
from rich.console import Console

from ....terminal import fail, print_json
from ...errors import AgentError
from ..command import named_checkpoints
from ..model_list import PREFIX
from .checking import CheckedServer, check_servers
from .files import MODELS, START, write_fleet
from .plan import Dtype, FleetSettings, LogProbs, PlannedServer, plan_fleet

REFUSED = 1
Names = Annotated[tuple[str, ...], tyro.conf.Positional]


@dataclass(frozen=True, kw_only=True)
class WriteFleetCommand:
    """Write commands that serve checkpoints with vLLM, a process each, and the model list of litellm.

    Nothing is started. `OUT/start.sh` starts all servers, `OUT/NAME.sh` one; `OUT/models.yaml` is the
    configuration of litellm's proxy, and its `model_list` the argument of litellm's Router.
    """

    checkpoints: Names
    """Folders of checkpoints, or of training runs, whose last checkpoint is served. The name of a model is
    the name of its folder, or NAME in NAME=FOLDER."""
    out: Path
    """Folder for the files."""
    python: str = FleetSettings.python
    """Interpreter of the environment in which vLLM is installed."""
    port: int = FleetSettings.port
    """Port of the first server; each further server has the next port."""
    dtype: Dtype = "stored"
    """Precision of the models; `stored` takes the precision of each checkpoint's weights."""
    max_model_len: int | None = None
    """Maximum number of tokens of prompt and reply; by default the context of the checkpoint."""
    tool_parser: str = FleetSettings.tool_parser
    """vLLM's parser of tool calls; `auto` takes the parser that suits the chat template, `none` offers no
    tools."""
    log_probs: LogProbs = "processed_logprobs"
    """Log-probs that vLLM returns: of the distribution that is sampled, or of the model itself. They are
    equal at temperature 1 and top_p 1."""
    gpus: tuple[int, ...] = ()
    """Numbers of the GPUs, which the servers take in turn."""
    more: str = ""
    """Further options of vLLM for every server, as in --more='--enforce-eager --max-num-seqs 64'."""

    def run(self) -> int:
        """Write the files, print what they do, and return the exit status."""
        try:
            settings = FleetSettings(
                python=self.python,
                port=self.port,
                dtype=self.dtype,
                max_model_len=self.max_model_len,
                tool_parser=self.tool_parser,
                log_probs=self.log_probs,
                gpus=self.gpus,
                more=tuple(shlex.split(self.more)),
            )
            servers = plan_fleet(named_checkpoints(self.checkpoints), settings)
            write_fleet(self.out, servers)
        except (AgentError, OSError, ValueError) as error:
            return fail(error, self)
        self._print(servers)
        return 0

    def _print(self, servers: list[PlannedServer]) -> None:
        console = Console()
        for server in servers:
            tools = server.tool_calls
            form = f"tools: {tools.parser}" if tools.parser else tools.note
            own = ", described by our own text" if tools.chat_template else ""
            line = f"{PREFIX}{server.name}  {server.api_base}  {server.dtype}  {form}{own}"
            console.print(line, highlight=False, soft_wrap=True, markup=False)
        for line in (
            f"start all:   sh {self.out / START}",
            f"check them:  codefrontier vllm check {self.out / MODELS}",
            f"proxy:       LITELLM_MASTER_KEY=sk-... litellm --host 127.0.0.1 --config {self.out / MODELS}",
        ):
            console.print(line, highlight=False, soft_wrap=True, markup=False)


@dataclass(frozen=True, kw_only=True)
class CheckFleetCommand:
    """Check by tokens and log-probs that servers sample from the checkpoints of a model list.

    The exit status is 0 if all servers do, 1 if one samples from other weights, and 2 if there is no answer.
    """

    model_list: Annotated[Path, tyro.conf.Positional]
    """Model list of `codefrontier vllm write`, or of `codefrontier serve --model-list`."""
    names: Names = ()
    """Names of models; by default all."""
    json: bool = False
    """Print one JSON object instead of text."""

    def run(self) -> int:
        """Check, print, and return the exit status."""
        found: list[CheckedServer] = []
        try:
            for checked in check_servers(self.model_list, self.names):
                found.append(checked)
                if not self.json:
                    _print(checked)
        except (AgentError, OSError) as error:
            return fail(error, self)
        if self.json:
            print_json({"servers": [asdict(each) | {"checkpoint": str(each.checkpoint)} for each in found]})
        return REFUSED if any(checked.wrong for checked in found) else 0


def _print(checked: CheckedServer) -> None:
    told = checked.wrong or f"samples from {checked.checkpoint}"
    line = f"{checked.name}: {told} ({checked.seconds:.1f} s)"
    Console().print(line, highlight=False, soft_wrap=True, markup=False)
