"""The command `codefrontier serve`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from tyro.conf import Positional

from ...terminal import fail, install_hint
from ..errors import AgentError
from .model_list import PREFIX, write_model_list

if TYPE_CHECKING:
    from ..policy.pool import Pool

DONE = 0
MIB = 1 << 20


@dataclass(frozen=True, kw_only=True)
class ServeCommand:
    """Serve checkpoints on loopback in OpenAI's protocol, until Ctrl-C."""

    checkpoints: Positional[tuple[str, ...]]
    """Folders of checkpoints, or of training runs, whose last checkpoint is served. The name of a model is
    the name of its folder, or NAME in NAME=FOLDER."""
    port: int = 8000
    """Port on 127.0.0.1; 0 takes any free port."""
    model_list: Path | None = None
    """File for the list by which litellm finds `frontier/<name>`: JSON if its name ends with `.json`,
    otherwise YAML."""
    device: str = "cpu"
    """Device of the models, for example `cpu` or `cuda`."""
    threads: int = 1
    """Number of threads of torch. Small models are fastest with one thread."""
    max_waiting: int = 1024
    """Maximum number of continuations that wait or are sampled at a time; further requests get status 429."""
    max_request_mib: int = 32
    """Maximum size of a request in MiB; larger requests get status 413."""

    def run(self) -> int:
        """Serve and return the exit status."""
        try:
            serve(self, _announce)
        except KeyboardInterrupt:
            return DONE
        except ImportError as error:
            return fail(f"serving needs more packages ({error}): {install_hint('serve', 'train')}")
        except (AgentError, OSError) as error:
            return fail(error, self)
        return DONE


def serve(command: ServeCommand, announce: Callable[[str, Mapping[str, Path], Pool], None]) -> None:
    """Load the checkpoints and serve them in this thread.

    Args:
        command: Checkpoints and settings of the server.
        announce: Called with the base URL, the folders by name, and what the models have in common, once the
            server accepts requests.

    Raises:
        AgentError: A setting is not allowed, or a checkpoint cannot be loaded.
        OSError: The port is taken, or the model list cannot be written.
        KeyboardInterrupt: Ctrl-C was pressed; requests in progress have been answered.
    """
    # torch and FastAPI take seconds to import.
    import torch

    from ...system.listening import listen
    from ..policy.checkpoint import find_checkpoint
    from ..policy.pool import Pool
    from .models import ServedModel, ServedModels
    from .server import api_base, make_server

    if command.threads < 1:
        raise AgentError(f"threads must be at least 1, got {command.threads!r}")
    if command.max_request_mib < 1:
        raise AgentError(f"max_request_mib must be at least 1, got {command.max_request_mib!r}")
    torch.set_num_threads(command.threads)
    if not 0 <= command.port <= 65535:
        raise AgentError(f"port must be in [0, 65535], got {command.port!r}")
    named = named_checkpoints(command.checkpoints)
    with listen(command.port) as listening:
        url = api_base(listening)
        pool = Pool()
        loaded = [
            ServedModel.load(name, path, device=command.device, pool=pool) for name, path in named.items()
        ]
        models = ServedModels(loaded, max_waiting=command.max_waiting)
        if command.model_list is not None:
            about = {
                model.name: {
                    "digest": model.policy.identity.digest,
                    "checkpoint": str(find_checkpoint(named[model.name]).resolve()),
                }
                for model in loaded
                if model.policy.identity
            }
            write_model_list(command.model_list, list(named), url, info=about)
        announce(url, named, pool)
        make_server(models, max_request_mib=command.max_request_mib).run(sockets=[listening])


def _announce(url: str, named: Mapping[str, Path], pool: Pool) -> None:
    console = Console()
    console.print(f"serving at {url}", highlight=False, soft_wrap=True)
    for name, path in named.items():
        console.print(f"  {PREFIX}{name}  {path}", highlight=False, soft_wrap=True, markup=False)
    if pool.shared_bytes:
        total, shared = pool.weight_bytes / MIB, pool.shared_bytes / MIB
        told = f"{total - shared:.1f} MiB of weights; {shared:.1f} MiB more are equal and shared"
        console.print(told, highlight=False, soft_wrap=True)


def named_checkpoints(checkpoints: tuple[str, ...]) -> dict[str, Path]:
    """Return the folders by name.

    Raises:
        AgentError: There are no folders, or two have the same name.
    """
    if not checkpoints:
        raise AgentError("give the folder of at least one checkpoint")
    named: dict[str, Path] = {}
    for given in checkpoints:
        name, _, folder = given.rpartition("=")
        path = Path(folder)
        name = name or path.resolve().name
        if name in named:
            raise AgentError(
                f"two checkpoints are called {name!r}, {named[name]} and {path}: name them, as in NAME=FOLDER"
            )
        named[name] = path
    return named
