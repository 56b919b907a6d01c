"""The compiled kernel: built once per host, checked against numpy, and called through ctypes."""

from __future__ import annotations

import ctypes
import logging
import subprocess
import sys
from ctypes import POINTER, Structure, c_double, c_int, c_int32, c_int64, c_uint64, c_void_p
from pathlib import Path
from typing import Final

from ...system.cache_folder import cache_folder
from ...system.compiled import built_folder

_LOG = logging.getLogger(__name__)
_SOURCES = Path(__file__).parent / "native"
_NAME: Final = "kernel.so"
# Without contraction and with strict IEEE arithmetic, every CPU and compiler gives the same bits.
_EXACT = ("-ffp-contract=off", "-fno-math-errno", "-fno-trapping-math", "-fno-strict-aliasing")
_FAST = (("-march=native", "-mprefer-vector-width=512"), ("-march=native",), ())
"""Arguments of the compiler for this CPU; the later ones are for compilers that refuse the earlier ones."""
DONE, NO_MEMORY, REFUSED = 0, 1, 2
"""Results of the kernel. `REFUSED`: a weight is not finite, or leaves the range of the format."""


class MergeArguments(Structure):
    """`struct merge` of kernel.c."""

    _fields_ = (
        ("row", c_void_p),
        ("scale", c_double),
        ("divisor", c_double),
        ("kind", c_int64),
        ("picked", c_int64),
        ("result", c_void_p),
    )


class JobArguments(Structure):
    """`struct job` of kernel.c."""

    _fields_ = (
        ("parents", c_int64),
        ("merges", c_int64),
        ("pairs", c_int64),
        ("bits", c_void_p),
        ("formats", c_void_p),
        ("merge", POINTER(MergeArguments)),
        ("pair", c_void_p),
        ("format", c_int32),
        ("stochastic", c_int32),
        ("key", c_uint64),
        ("start", c_int64),
        ("largest", c_double),
    )


class SumsArguments(Structure):
    """`struct sums` of kernel.c."""

    _fields_ = (
        ("dots", c_void_p),
        ("same", c_void_p),
        ("largest", c_double),
        ("moved", c_int64),
    )


def load_library() -> ctypes.CDLL:
    """Build the kernel if it is not there, and load it.

    Raises:
        OSError: There is no compiler or no folder for the kernel, or the kernel does not run on this CPU.
        subprocess.SubprocessError: The compiler failed.
    """
    if sys.byteorder != "little":
        raise OSError("the kernel is for little-endian CPUs")
    cache = cache_folder()
    if cache is None:
        raise FileNotFoundError("there is no folder for compiled parts, because this user has no home")
    library = ctypes.CDLL(str(_build(cache) / _NAME))
    library.merge_block.argtypes = (POINTER(JobArguments), c_int64, c_int64, POINTER(SumsArguments))
    library.merge_block.restype = c_int
    return library


def _build(cache: Path) -> Path:
    failure: subprocess.SubprocessError | None = None
    for fast in _FAST:
        arguments = ["-O3", *fast, *_EXACT, "-shared", "-fPIC", "kernel.c"]
        try:
            return built_folder(cache, _SOURCES, {_NAME: arguments}, variant=f"{arguments} {_cpu()}")
        except subprocess.SubprocessError as error:
            _LOG.info("the compiler refuses %s: %s", " ".join(arguments), error)
            failure = error
    assert failure is not None
    raise failure


def _cpu() -> str:
    """Return the features of the CPU: a home folder may be shared by hosts with different CPUs."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return ""
    return next((line for line in lines if line.startswith(("flags", "Features"))), "")
