"""The command `codefrontier train watch`."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from tyro.conf import Positional

from ...system.listening import listen, url_of
from ...system.stopping import stopped_by_sigterm
from ...terminal import fail, install_hint
from ..errors import TrainingError
from .curves import WatchedRun, find_runs

DONE = 0


@dataclass(frozen=True, kw_only=True)
class WatchCommand:
    """Draw the curves of training runs on a page for a browser on this machine, until Ctrl-C or SIGTERM.

    The page follows runs in progress. It loads nothing from elsewhere and changes nothing.
    """

    runs: Positional[tuple[Path, ...]]
    """Folders of runs; a folder of several runs stands for all of them."""
    png: Path | None = None
    """File to draw the curves into, as PNG, instead of serving the page."""
    smoothing: float = 0.6
    """Decay of the moving average that is drawn over the values, in [0, 1); 0 draws the values only."""
    port: int = 8071
    """Port of the page; 0 takes any free port."""
    host: str = "127.0.0.1"
    """IP address to listen on. On an address beyond loopback, everybody who can reach it can read the
    metrics."""

    def __post_init__(self) -> None:
        if not 0 <= self.smoothing < 1:
            raise ValueError(f"smoothing must be in [0, 1), got {self.smoothing!r}")
        if not self.runs:
            raise ValueError("runs must name at least one folder of a run")

    def run(self) -> int:
        """Serve or draw, and return the exit status."""
        extra = "viewer" if self.png is None else "report"
        try:
            runs = find_runs(self.runs)
            if self.png is None:
                _serve(self, runs)
            else:
                _draw(runs, self.png, self.smoothing)
        except KeyboardInterrupt:
            return DONE
        except ImportError as error:
            return fail(f"the curves need more packages ({error}): {install_hint(extra)}")
        except (TrainingError, ValueError, OSError) as error:
            return fail(error, self)
        return DONE


def _draw(runs: Sequence[WatchedRun], png: Path, smoothing: float) -> None:
    from .figures import save_figure  # matplotlib belongs to an extra, which the page does not need

    for run in runs:
        run.refresh()
    save_figure(runs, png, smoothing=smoothing)
    Console(soft_wrap=True, markup=False, highlight=False).print(str(png))


def _serve(command: WatchCommand, runs: Sequence[WatchedRun]) -> None:
    from .server import make_server  # uvicorn and Starlette belong to an extra, which `--png` does not need

    with stopped_by_sigterm(), closing(listen(command.port, host=command.host)) as listening:
        console = Console(soft_wrap=True, markup=False, highlight=False)
        # The page has no password.
        if not ipaddress.ip_address(command.host).is_loopback:
            warning = "warning: not loopback: whoever reaches this address reads the metrics"
            Console(stderr=True, soft_wrap=True).print(warning, style="yellow")
        server = make_server(runs, listening, smoothing=command.smoothing)
        console.print(f"{', '.join(run.name for run in runs)} at {url_of(listening)}/ - Ctrl-C ends this")
        server.run(sockets=[listening])
