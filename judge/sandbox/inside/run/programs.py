"""Code of a confined child: runs a Python program, compiles one, calls a method, or executes another program.

A Python program runs as `__main__` on the real descriptors 0, 1 and 2, as with `python3 main.py`: `exit()`
exists, `global` works, uncaught errors end with status 1 and a traceback, atexit handlers run, and buffers
are flushed. The hash seed and the seed of the module `random` are fixed, so that a program does the same each
time.
"""

from __future__ import annotations

import ast
import atexit
import contextlib
import ctypes
import gc
import io
import json
import linecache
import marshal
import os
import random
import signal
import site
import sys
import traceback
import types
import warnings
from collections.abc import Callable
from typing import Any, NoReturn, TextIO

from ...protocol.paths import TMP
from ..confinement.child import RESULT_FILE
from . import lcb
from .recursion import counter_place, raise_bound, raise_bounds_of_threads

FILE_NAME = "main.py"
_FILE_INPUT = 257
"""`Py_file_input`: the grammar's start symbol for a whole file."""
LCB = "lcb"
_LCB_SOURCE = getattr(lcb.__spec__.loader, "get_source")(lcb.__name__) if lcb.__spec__ else ""  # noqa: B009
"""Source of the module `lcb`, whose file does not exist in the sandbox."""
_OWN_PACKAGE = __name__.split(".")[0]
_PRELUDE = """
from __future__ import annotations
import bisect, collections, functools, heapq, itertools, math, operator, random, re, string, sys
from bisect import bisect_left, bisect_right, insort
from collections import Counter, OrderedDict, defaultdict, deque
from functools import cache, cmp_to_key, lru_cache, reduce
from heapq import heapify, heappop, heappush, heappushpop, heapreplace, nlargest, nsmallest
from itertools import accumulate, chain, combinations, groupby, permutations, product, zip_longest
from math import ceil, comb, factorial, floor, gcd, inf, isqrt, lcm, log, log2, sqrt
from typing import Any, Dict, List, Optional, Set, Tuple, Union
"""
"""Names that websites with functional problems define for submissions."""


def compile_python(dialect: str, kind: str) -> NoReturn:
    """Compile the source on descriptor 0.

    The result is `(bytecode, source)`; if compilation fails, the error is written to descriptor 2.

    Args:
        dialect: Dialect of the source.
        kind: `program` or `method`.
    """
    source = _read_all(0)
    warnings.simplefilter("ignore")
    try:
        code = lcb.compiled(source, method=kind == "method") if dialect == LCB else _compiled_file(0)
        payload = marshal.dumps((code, source))
    except MemoryError:
        _complain("MemoryError: the compiler ran out of memory")
    except Exception as error:  # noqa: BLE001  # any error of `compile` is a compilation error
        _complain("".join(traceback.format_exception_only(error)))
    _write_all(RESULT_FILE, payload)
    os._exit(0)


class _CompiledError(Exception):
    """Stops compiled code before its first line runs."""


def _compiled_file(file: int) -> types.CodeType:
    """Compile an open file as `python3 main.py` does.

    `compile` has another parser for bytes, which accepts some sources that the interpreter refuses, such as a
    comment that is not UTF-8. The parser for files is only reachable by functions that also run the code. An
    audit hook intercepts that and keeps the code. Hooks cannot be removed, so this process must end soon.
    """
    codes: list[types.CodeType] = []

    def stop(event: str, arguments: tuple[Any, ...]) -> None:
        # A coding cookie may import a codec, which raises the event too.
        if event == "exec" and arguments[0].co_filename == FILE_NAME:
            codes.append(arguments[0])
            raise _CompiledError

    os.lseek(file, 0, os.SEEK_SET)
    fdopen = ctypes.CDLL(None).fdopen
    fdopen.restype, fdopen.argtypes = ctypes.c_void_p, [ctypes.c_int, ctypes.c_char_p]
    run = ctypes.pythonapi.PyRun_FileExFlags
    run.restype = ctypes.py_object
    run.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int, *[ctypes.py_object] * 2, ctypes.c_int]
    run.argtypes = [*run.argtypes, ctypes.c_void_p]
    stream = fdopen(file, b"rb")
    sys.addaudithook(stop)
    with contextlib.suppress(_CompiledError):
        run(stream, FILE_NAME.encode(), _FILE_INPUT, {}, {}, 0, None)
    return codes[0]


def run_python(program: bytes, argv: list[str], dialect: str, no_memory: Callable[[], None]) -> NoReturn:
    """Run compiled Python as `__main__`, and exit as the interpreter would.

    Args:
        program: Result of `compile_python`.
        argv: `sys.argv` of the program.
        dialect: Dialect of the program.
        no_memory: Called if the program ends by a MemoryError.
    """
    code, source = marshal.loads(program)
    raise_bound(_counter[0])
    _fresh_main(source, argv)
    if dialect == LCB:
        _exit_after(lambda: lcb.run_program(code, source), no_memory)
    _exit_after(lambda: exec(code, sys.modules["__main__"].__dict__), no_memory)


def run_fresh(program: bytes, argv: list[str], dialect: str, environment: dict[str, str]) -> NoReturn:
    """Run Python in a new interpreter, with its source as `main.py` in the working directory."""
    _, source = marshal.loads(program)
    with open(FILE_NAME, "wb") as file:
        file.write(source)
    if dialect == LCB:
        argv = ["-c", f"{_LCB_SOURCE}\nrun_alone()\n", *argv[1:]]
    command = [sys.executable, "-s", "-B", *argv]
    execute(sys.executable, command, {**environment, "PYTHONHASHSEED": "0"})


def call_python(program: bytes, method: str, dialect: str, no_memory: Callable[[], None]) -> NoReturn:
    """Call `Solution().method` with the JSON values on descriptor 0, one per line; the result is JSON.

    For a plain function, the values and the result are Python literals instead.

    Args:
        program: Result of `compile_python`.
        method: Name of the method, or `def ` and the name of a plain function.
        dialect: Dialect of the program.
        no_memory: Called if the call ends by a MemoryError.
    """
    code, source = marshal.loads(program)
    raise_bound(_counter[0])
    _fresh_main(source, [FILE_NAME])
    if method.startswith(_PLAIN):
        _exit_after(lambda: _call_plain(code, method.removeprefix(_PLAIN)), no_memory)
    if dialect == LCB:
        _exit_after(lambda: _write_all(RESULT_FILE, lcb.call_method(code, source, method)), no_memory)

    def call() -> None:
        names = sys.modules["__main__"].__dict__
        exec(_PRELUDE_CODE, names)
        exec(code, names)
        arguments = [json.loads(line) for line in _read_all(0).split(b"\n") if line.strip()]
        if "Solution" not in names:
            raise NameError("name 'Solution' is not defined")
        value = getattr(names["Solution"](), method)(*arguments)
        _write_all(RESULT_FILE, json.dumps(value).encode())

    _exit_after(call, no_memory)


_PLAIN = "def "
"""Beginning of the name of a plain function."""


def _call_plain(code: types.CodeType, name: str) -> None:
    # Taken before the program runs, which may replace the names of modules.
    read, write, text = ast.literal_eval, _write_all, _literal
    arguments = [read(line.decode()) for line in _read_all(0).split(b"\n") if line.strip()]
    names = sys.modules["__main__"].__dict__
    exec(code, names)
    if name not in names:
        raise NameError(f"name {name!r} is not defined")
    write(RESULT_FILE, text(names[name](*arguments)).encode())


def _literal(value: object) -> str:
    """Write a value as a literal. Dictionaries of other types, such as `Counter`, count as dictionaries."""
    kind = type(value)
    if kind in (bool, int, float, str, bytes, type(None)):
        return repr(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_literal(k)}: {_literal(v)}" for k, v in dict.items(value)) + "}"
    if kind is list:
        return "[" + ", ".join(map(_literal, value)) + "]"  # type: ignore[call-overload]
    if kind is tuple:
        return "(" + "".join(f"{_literal(each)}, " for each in value) + ")"  # type: ignore[attr-defined]
    if kind is set:
        return "{" + ", ".join(map(_literal, value)) + "}" if value else "set()"  # type: ignore[call-overload]
    raise TypeError(f"the function returned a {kind.__name__}, which is no literal value")


def execute(file: int | str, argv: list[str], environment: dict[str, str]) -> NoReturn:
    """Become another executable, given by path or by descriptor."""
    # The interpreter of the zygote ignores these signals, and `execve` would pass that on.
    for number in (signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_DFL)
    try:
        os.execve(file, argv, environment)
    except (OSError, MemoryError) as error:
        _complain(f"cannot start the program: {error}", status=127)


_counter: list[int | None] = [None]
"""Offset of the counter that bounds recursions through C (see `recursion`); set by `prepare`."""
_PRELUDE_CODE = compile(_PRELUDE, "prelude", "exec", dont_inherit=True)


def prepare() -> None:
    """Prepare the zygote for programs: whatever is the same in every child is done once here."""
    # A program that imports a module of our names must not find ours.
    for name in [name for name in sys.modules if name.split(".")[0] == _OWN_PACKAGE]:
        del sys.modules[name]
    _kept.append((sys.__stdin__, sys.__stdout__, sys.__stderr__))
    sys.stdin = sys.__stdin__ = _text(0, "r")  # type: ignore[misc]
    sys.stdout = sys.__stdout__ = _text(1, "w")  # type: ignore[misc]
    sys.stderr = sys.__stderr__ = _text(2, "w", errors="backslashreplace")  # type: ignore[misc]
    _first_outputs.extend((sys.stdout, sys.stderr))
    sys.path.insert(0, TMP)
    _counter[0] = counter_place()
    raise_bounds_of_threads(_counter[0])
    for provide in (site.setquit, site.setcopyright, site.sethelper):  # `exit`, `copyright`, `help`
        provide()
    random.seed(0)
    os.environ.pop("LD_BIND_NOW", None)  # it was set for the zygote only


def streams() -> list[object]:
    """Return the standard streams and their buffers and raw files."""
    texts: tuple[Any, ...] = (sys.stdin, sys.stdout, sys.stderr)
    return [part for text in texts for part in (text, text.buffer, text.buffer.raw)]


_kept: list[object] = []
"""The zygote's own streams. They are kept so that no child spends time on closing them."""
_first_outputs: list[TextIO] = []
_source: list[bytes] = []
"""Source of the program that runs, for its tracebacks."""


def _fresh_main(source: bytes, argv: list[str]) -> None:
    gc.freeze()  # collecting objects that are not the program's would only copy their pages
    module = types.ModuleType("__main__")
    module.__dict__.update(
        __builtins__=sys.modules["builtins"], __file__=f"{TMP}/{FILE_NAME}", __cached__=None
    )
    sys.modules["__main__"] = module
    sys.argv = argv
    _source.append(source)
    # The program has the usual 1000 frames in addition to those of the zygote, which it is called from.
    sys.setrecursionlimit(1000 + _depth())
    gc.enable()


def _text(file: int, mode: str, errors: str = "surrogateescape") -> io.TextIOWrapper:
    raw = io.FileIO(file, mode, closefd=False)
    raw.name = ("<stdin>", "<stdout>", "<stderr>")[file]
    buffer = io.BufferedReader(raw) if mode == "r" else io.BufferedWriter(raw)
    # The interpreter makes its own streams with the same arguments.
    wrapper = io.TextIOWrapper(buffer, "utf-8", errors, "\n", line_buffering=file == 2)
    wrapper.mode = mode  # type: ignore[misc]
    return wrapper


def _depth() -> int:
    frame, depth = sys._getframe(), 0
    while frame.f_back is not None:
        frame, depth = frame.f_back, depth + 1
    return depth


def _exit_after(body: Callable[[], None], no_memory: Callable[[], None]) -> NoReturn:
    status = _guarded(body, no_memory)
    status = _guarded(_finish, no_memory) or status
    if _flush() and not status:
        status = 120  # the interpreter's own status for this case
    # Finalizers run now, such as that of a file that was never closed. They still see the program's names, as
    # at the exit of an interpreter: nothing refers to the module any more, and the collector frees it.
    sys.modules.pop("__main__", None)
    gc.collect()
    _flush()
    os._exit(status & 0xFF)


def _finish() -> None:
    if "threading" in sys.modules:
        sys.modules["threading"]._shutdown()  # joins the threads, as at interpreter exit
    atexit._run_exitfuncs()


def _guarded(body: Callable[[], None], no_memory: Callable[[], None]) -> int:
    try:
        body()
    except SystemExit as error:
        return _exit_status(error)
    except BaseException as error:  # noqa: BLE001  # nothing of the program is further out
        if isinstance(error, MemoryError):
            no_memory()
        _report(error)
        return 1
    return 0


def _exit_status(error: SystemExit) -> int:
    if error.code is None:
        return 0
    if isinstance(error.code, int):
        return error.code
    with contextlib.suppress(Exception):
        print(error.code, file=sys.stderr)
    return 1


def _report(error: BaseException) -> None:
    own = error.__traceback__
    while own is not None and own.tb_frame.f_code.co_filename != FILE_NAME:
        own = own.tb_next  # None in the end if no line of the program was running
    try:
        source = _source[0]
        lines = source.decode("utf-8", "replace").splitlines(keepends=True)
        linecache.cache[FILE_NAME] = (len(source), None, lines, FILE_NAME)
        error.__traceback__ = own
        if sys.excepthook is sys.__excepthook__:
            traceback.print_exception(error)  # unlike the built-in hook, this looks into `linecache`
        else:
            sys.excepthook(type(error), error, own)
    except BaseException:  # noqa: BLE001  # the program's hook is broken, or no memory is left for formatting
        with contextlib.suppress(BaseException):
            os.write(2, type(error).__name__.encode() + b"\n")


def _flush() -> bool:
    """Flush the standard streams, current and original ones; return whether some output was lost."""
    failed = False
    for stream in (sys.stdout, sys.stderr, *_first_outputs):
        try:
            stream.flush()
        except BaseException:  # noqa: BLE001  # the program may have closed, detached or replaced the stream
            failed = failed or not _closed(stream)
    return failed


def _closed(stream: object) -> bool:
    try:
        return getattr(stream, "closed", False) is True
    except ValueError:  # detached
        return False


def _complain(message: str, status: int = 1) -> NoReturn:
    _write_all(2, message.encode("utf-8", "replace"))
    os._exit(status)


def _read_all(file: int) -> bytes:
    with open(file, "rb", closefd=False) as stream:
        return stream.read()


def _write_all(file: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(file, view) :]
