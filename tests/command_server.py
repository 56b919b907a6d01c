"""Runs commands in forked copies of a process that has imported them, so that a command costs no imports.

Reads one JSON object per line from standard input, with the words of a command, its folder and environment,
and the files of its standard output and error; answers with its exit status. Each command is a process of its
own with real streams, a real working directory and a real exit status.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import signal
import sys
import traceback

from codefrontier import cli, subcommands


def main() -> None:
    """Serve until the end of the input."""
    for each in subcommands.SUBCOMMANDS.values():
        if not each.extra:  # the others may be missing, or large like torch
            importlib.import_module(each.module, "codefrontier")
    for line in sys.stdin:
        asked = json.loads(line)
        pid = os.fork()
        if not pid:
            _run(**asked)
        _, status = os.waitpid(pid, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def _run(words: list[str], folder: str, environment: dict[str, str], stdout: str, stderr: str) -> None:
    status = 1
    try:
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(environment)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        for path, number in ((stdout, 1), (stderr, 2)):
            os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), number)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        cli.main(words)
    except SystemExit as ended:
        status = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:  # noqa: BLE001  # as the interpreter would
        traceback.print_exc()
    finally:
        with contextlib.suppress(OSError):
            sys.stdout.flush()
        with contextlib.suppress(OSError):
            sys.stderr.flush()
        os._exit(status)


if __name__ == "__main__":
    main()
