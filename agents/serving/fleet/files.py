"""The files of a fleet: a script per server, a script for all, and the model list of litellm."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path

from ..model_list import NO_KEY, PREFIX, ListedModel, write_listed
from .plan import PlannedServer

MODELS, START = "models.yaml", "start.sh"
START_LIMIT_S = 1800
_HERE = 'here=$(cd "$(dirname "$0")" && pwd)\n'
_SERVER = """\
#!/bin/sh
# vLLM with the checkpoint {name}, and no other; the process of this script becomes the server.
set -eu
{here}export VLLM_NO_USAGE_STATS=1 DO_NOT_TRACK=1 HF_HUB_OFFLINE=1
# GiB for keys and values, which builds of vLLM for CPUs read.
export VLLM_CPU_KVCACHE_SPACE="${{VLLM_CPU_KVCACHE_SPACE:-1}}"
{gpu}exec {command}
"""
_START = """\
#!/bin/sh
# Start {count} vLLM servers, one after the other, each with one checkpoint; stop all of them on Ctrl-C, or
# when one ends. The output of a server is in a file NAME.log beside this script.
set -u
{here}pids=
stop() {{
    trap - EXIT INT TERM
    kill $pids 2>/dev/null
    wait
    exit "$1"
}}
trap 'stop 130' INT TERM
trap 'stop 1' EXIT
alive() {{ for pid in $pids; do kill -0 "$pid" 2>/dev/null || return 1; done; }}
answers() {{ # does a server answer at port $1?
    {python} -c 'import sys, urllib.request as u; u.urlopen(sys.argv[1], timeout=5)' \\
        "http://127.0.0.1:$1/health" >/dev/null 2>&1
}}
start() {{ # start NAME PORT
    if answers "$2"; then echo "a server answers at port $2 already, before $1 is started" >&2; exit 1; fi
    sh "$here/$1.sh" >"$here/$1.log" 2>&1 &
    pids="$pids $!"
    waited=0
    until answers "$2"; do
        alive || {{ echo "$1 has ended: see $here/$1.log" >&2; exit 1; }}
        [ $waited -lt {limit} ] || {{ echo "$1 does not answer: see $here/$1.log" >&2; exit 1; }}
        sleep 2
        waited=$((waited + 2))
    done
    echo "$1 is served at http://127.0.0.1:$2/v1"
}}
{starts}
while alive; do sleep 2; done
echo "a server has ended: see the logs in $here" >&2
"""


def write_fleet(out: Path, servers: Sequence[PlannedServer]) -> None:
    """Write the files of a fleet into a folder, which is made.

    `NAME.sh` becomes the server of one checkpoint, `start.sh` starts all, and `models.yaml` is the
    configuration of litellm's proxy, whose `model_list` is the one of litellm's Router too.

    Args:
        out: The folder.
        servers: The servers.

    Raises:
        OSError: A file cannot be written.
    """
    out.mkdir(parents=True, exist_ok=True)
    for server in servers:
        gpu = "" if server.gpu is None else f"export CUDA_VISIBLE_DEVICES={server.gpu}\n"
        text = _SERVER.format(name=server.name, here=_HERE, gpu=gpu, command=server.command)
        _write_script(out / f"{server.name}.sh", text)
        if server.template_file:
            (out / server.template_file).write_text(server.tool_calls.chat_template)
    starts = "\n".join(f"start {server.name} {server.port}" for server in servers)
    text = _START.format(
        count=len(servers),
        here=_HERE,
        python=shlex.quote(servers[0].words[0]),
        limit=START_LIMIT_S,
        starts=starts,
    )
    _write_script(out / START, text)
    write_listed(out / MODELS, [_listed(server) for server in servers])


def _listed(server: PlannedServer) -> ListedModel:
    return ListedModel(
        name=f"{PREFIX}{server.name}",
        model=f"hosted_vllm/{server.name}",
        api_base=server.api_base,
        parameters={"api_key": NO_KEY, "extra_body": {"return_token_ids": True}},
        info={"digest": server.digest, "checkpoint": str(server.folder), "dtype": server.dtype},
    )


def _write_script(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o755)
