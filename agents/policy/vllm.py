"""A vLLM server, or another server of its protocol, that samples for a policy in training.

Each version of the weights is written to a folder, given to the server, and checked by tokens and log-probs
before anything is sampled. vLLM itself is not imported: it has an environment of its own.
"""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Protocol, Self
from urllib.error import HTTPError
from urllib.parse import urlsplit

from ...system.listening import LOOPBACK, listen
from ..errors import ModelError
from ..llm.endpoint import open_request, request_to
from ..llm.options import ModelOptions
from .agent import PolicyReply
from .handover import HandoverError, Save, WeightCheck, WeightFolders, as_handover_error, saving
from .policy import LocalPolicy
from .sampler import SampleRequest
from .server import PolicyServer, RepliesOf

PREFIX = "vllm:"
LOCAL = "local"
START_LIMIT_S, POLL_S, STOP_LIMIT_S = 600.0, 0.2, 10.0
RELOAD_LIMIT_S = 600.0
ATTEMPTS, RETRY_WAIT_S, REQUEST_LIMIT_S = 3, 0.5, 600.0
_WITH_PARENT = "import ctypes, os, sys; ctypes.CDLL(None).prctl(1, 9); os.execvp(sys.argv[1], sys.argv[1:])"
"""Program that has the kernel kill the server when the trainer dies, and becomes the server."""


class WeightServer(Protocol):
    """A server that can be given weights."""

    def serve(self, folder: Path) -> str:
        """Give the server the weights of a folder and return its base URL, ending with `/v1`.

        Raises:
            HandoverError: The server does not take them.
        """
        ...

    def close(self) -> None:
        """Release the server. A second call does nothing."""
        ...


class StartedServer:
    """Starts a new server process for each version of the weights, and stops the previous one.

    Args:
        command: Command line, in which `{folder}` and `{port}` are replaced.
        log: File for the output of the server.
        start_limit_s: Wall seconds until a server must answer.

    Raises:
        HandoverError: The command lacks `{folder}` or `{port}`.
    """

    def __init__(self, command: str, log: Path, *, start_limit_s: float = START_LIMIT_S) -> None:
        for name in ("{folder}", "{port}"):
            if name not in command:
                raise HandoverError(f"the command of a server must contain {name}, got {command!r}")
        self._words = shlex.split(command)
        self._log = log
        self._start_limit_s = start_limit_s
        self._process: subprocess.Popen[bytes] | None = None

    def serve(self, folder: Path) -> str:
        """Start a server on a free port of loopback, and wait until it answers."""
        self.close()
        with listen(0) as free:
            port = free.getsockname()[1]
        words = [word.replace("{folder}", str(folder)).replace("{port}", str(port)) for word in self._words]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-S", "-c", _WITH_PARENT, *words],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        url = f"http://{LOOPBACK}:{port}/v1"
        started = time.monotonic()
        while not _answers(url):
            if (status := self._process.poll()) is not None:
                raise HandoverError(f"the server {words[0]!r} ended with status {status}; see {self._log}")
            if time.monotonic() - started > self._start_limit_s:
                self.close()
                raise HandoverError(
                    f"the server did not answer within {self._start_limit_s:g} s; see {self._log}"
                )
            time.sleep(POLL_S)
        return url

    def close(self) -> None:
        """Stop the server with all its processes."""
        process, self._process = self._process, None
        if process is None:
            return
        for number in (signal.SIGTERM, signal.SIGKILL):
            with suppress(ProcessLookupError):
                os.killpg(process.pid, number)
            with suppress(subprocess.TimeoutExpired):
                process.wait(STOP_LIMIT_S)


class ReloadedServer:
    """Has a running vLLM server read each version of the weights, by the routes of its development mode.

    The server must run with `VLLM_SERVER_DEV_MODE=1` and see the folders of this machine.

    Args:
        url: Base URL, with or without `/v1`.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise HandoverError(f"the address of a server must be like http://127.0.0.1:8000, got {url!r}")
        self._root = url.rstrip("/").removesuffix("/v1")

    def serve(self, folder: Path) -> str:
        """Have the server read the weights and forget what it has computed with the previous ones."""
        how = {"method": "reload_weights", "kwargs": {"weights_path": str(folder)}}
        self._post("collective_rpc", json.dumps(how).encode())
        self._post("reset_prefix_cache", b"")
        return f"{self._root}/v1"

    def close(self) -> None:
        """Do nothing: the server is not ours."""

    def _post(self, route: str, body: bytes) -> None:
        try:
            with open_request(request_to(self._root, route, body=body), RELOAD_LIMIT_S) as answer:
                answer.read()
        except HTTPError as error:
            with error:
                raise HandoverError(
                    f"{self._root}/{route} answers with status {error.code}: start vLLM with "
                    "VLLM_SERVER_DEV_MODE=1, or give a command that starts a server for each version"
                ) from error
        except OSError as error:
            raise HandoverError(f"{self._root}/{route} does not answer: {error}") from error


class ServerSampling:
    """Samples on a server that is given the weights of each version.

    Args:
        server: The server.
        policy: The policy in training.
        root: Folder for the versions of the weights.
        save: Writes the current weights, configuration and tokenizer to a folder; the model of the policy is
            written as it is unless given.
    """

    def __init__(
        self, server: WeightServer, policy: LocalPolicy, root: Path, *, save: Save | None = None
    ) -> None:
        self._server = server
        self._policy = policy
        self._folders = WeightFolders(root, save or saving(policy))
        self._check = WeightCheck(policy)
        self._client: PolicyServer | None = None
        self.version: int | None = None
        """Version of the weights that the server has."""

    @classmethod
    def of(cls, sampler: str, policy: LocalPolicy, root: Path, *, save: Save | None = None) -> Self:
        """Return the sampling for a setting such as `vllm:http://127.0.0.1:8000` or `vllm:COMMAND`.

        Raises:
            HandoverError: The setting names no server.
        """
        where = sampler.removeprefix(PREFIX)
        if not sampler.startswith(PREFIX) or not where:
            raise HandoverError(f"a sampler is {LOCAL!r}, {PREFIX}URL or {PREFIX}COMMAND, got {sampler!r}")
        root.mkdir(parents=True, exist_ok=True)
        server: WeightServer = (
            ReloadedServer(where)
            if "://" in where and " " not in where
            else StartedServer(where, root / "server.log")
        )
        return cls(server, policy, root, save=save)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def hand_over(self, version: int) -> None:
        """Give the server the current weights, and check that it samples from them.

        Raises:
            HandoverError: The server does not take the weights, or samples from others.
            OSError: The weights cannot be written.
        """
        if version == self.version:
            return
        self._client = self.version = None
        folder = self._folders.write(version)
        url = self._server.serve(folder.resolve())
        client = self._client_of(url, folder)
        try:
            self._check.check(RepliesOf(client))
        except ModelError as error:
            raise as_handover_error(error) from error
        self._client, self.version = client, version

    def join(self) -> None:
        """Do nothing: the server makes its own batches."""

    def leave(self) -> None:
        """Do nothing: the server makes its own batches."""

    def reply(self, request: SampleRequest) -> PolicyReply:
        """Sample on the server; raises the errors of `PolicySampling.reply`."""
        if self._client is None:
            raise ModelError("the server has no weights")
        return self._client.reply(request)

    def close(self) -> None:
        """Release the server. A second call does nothing."""
        self._client = self.version = None
        self._server.close()

    def _client_of(self, url: str, folder: Path) -> PolicyServer:
        models = _models(url)
        names = [name for name in (str(folder.resolve()), folder.name) if name in models]
        if not names and len(models) != 1:
            raise HandoverError(f"{url} does not serve {folder}; it serves {sorted(models)}")
        name = (names or list(models))[0]
        context = models[name]
        if context is not None and context < self._policy.context:
            raise HandoverError(
                f"{url} serves a context of {context} tokens, but the policy has {self._policy.context}"
            )
        options = ModelOptions(
            api_base=url,
            max_attempts=ATTEMPTS,
            retry_wait_s=RETRY_WAIT_S,
            request_limit_s=REQUEST_LIMIT_S,
        )
        vocabulary = self._policy.model.get_input_embeddings().weight.shape[0]
        return PolicyServer(name, self._policy, vocabulary, options)


def _answers(url: str) -> bool:
    with suppress(HandoverError):
        return bool(_models(url))
    return False


def _models(url: str) -> dict[str, int | None]:
    """Return the context of each model of a server by its name; None where the server does not say it."""
    try:
        with open_request(request_to(url, "models"), REQUEST_LIMIT_S) as answer:
            return {str(model["id"]): model.get("max_model_len") for model in json.load(answer)["data"]}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise HandoverError(f"no server of models answers at {url}: {error}") from error
