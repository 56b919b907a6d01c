"""Read and check the `problem.yaml` of an ICPC problem package; defaults are stated here.

References:
    ICPC problem package format, versions `legacy` and `2023-07-draft`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from ..errors import ProblemError, ProblemNotFoundError
from ..model import Limits

FORMAT_VERSIONS = ("legacy", "legacy-icpc", "2023-07", "2023-07-draft", "2025-09")
DEFAULT_TIME_S = 2.0
"""Time limit of packages that state none. A legacy package leaves the limit to its judge, which times the
accepted submissions and applies a multiplier; a `.timelimit` file records the result."""
DEFAULT_MEMORY_MIB = 2048
"""Default of the 2023-07 draft; the legacy format leaves the limit to the judge."""
DEFAULT_PASSES = 2
"""Default of the 2023-07 draft."""
KINDS = ("pass-fail", "scoring", "interactive", "multi-pass")
DEFAULT_OUTPUT_MIB = 8.0
"""Default of both formats."""


@dataclass(frozen=True, kw_only=True)
class PackageConfig:
    """A package's folder and the fields of its `problem.yaml`."""

    folder: Path
    file: Path
    fields: Mapping[str, object] = field(repr=False)
    version: str

    @property
    def keywords(self) -> list[str]:
        """Keywords of the problem; the legacy format has them in one text, separated by spaces."""
        found = self.fields.get("keywords")
        words = found.split() if isinstance(found, str) else found if isinstance(found, list) else []
        return [word for word in words if isinstance(word, str)]

    @property
    def legacy(self) -> bool:
        """Whether the package has the legacy format."""
        return self.version.startswith("legacy")

    @property
    def custom_validation(self) -> bool:
        """Whether an output validator of the package compares answers."""
        validation = self.fields.get("validation")
        if validation is None:
            return not self.legacy and any(
                (self.folder / name).is_dir() for name in ("output_validator", "output_validators")
            )
        return str(validation).split()[:1] == ["custom"]

    @property
    def interactive(self) -> bool:
        """Whether the output validator talks to the submission."""
        return "interactive" in self._kinds

    @property
    def scoring(self) -> bool:
        """Whether points are given."""
        return "scoring" in self._kinds

    @property
    def passes(self) -> int:
        """Largest number of runs of a submission for a test.

        Raises:
            ProblemError: `validation_passes` is not an integer of 2 or more, or the problem has one pass.
        """
        limits = self.fields.get("limits")
        passes = limits.get("validation_passes") if isinstance(limits, dict) else None
        if "multi-pass" not in self._kinds:
            if passes is not None:
                raise ProblemError(f"{self.file}: validation_passes is for multi-pass problems only")
            return 1
        if passes is None:
            return DEFAULT_PASSES
        if type(passes) is not int or passes < 2:
            raise ProblemError(
                f"{self.file}: validation_passes must be an integer of 2 or more, got {passes!r}"
            )
        return passes

    @property
    def _kinds(self) -> list[str]:
        kinds = _kinds(self.fields.get("type"))
        validation = str(self.fields.get("validation") or "").split()[1:]
        return kinds + [{"score": "scoring"}.get(word, word) for word in validation]


def read_config(folder: Path) -> PackageConfig:
    """Read a package's `problem.yaml` and make sure that it is of a known version and kind.

    Raises:
        ProblemNotFoundError: There is no such file.
        ProblemError: The file is not a YAML mapping, or the package is of a kind that is not supported.
    """
    file = folder / "problem.yaml"
    if not file.is_file():
        raise ProblemNotFoundError(f"{folder}: no problem package here: problem.yaml is missing")
    fields = read_yaml(file)
    version = str(fields.get("problem_format_version") or "legacy")
    if version not in FORMAT_VERSIONS:
        known = ", ".join(FORMAT_VERSIONS)
        raise ProblemError(f"{file}: problem_format_version must be one of {known}, got {version!r}")
    _check_type(file, fields.get("type"))
    _check_validation(file, fields.get("validation"))
    return PackageConfig(folder=folder, file=file, fields=fields, version=version)


def read_yaml(file: Path) -> Mapping[str, object]:
    """Read a YAML file that holds a mapping; an empty file is an empty mapping.

    Raises:
        ProblemError: The file cannot be read, is not YAML, or holds something else.
    """
    try:
        content = yaml.safe_load(read_bytes(file))
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise ProblemError(f"{file}: not valid YAML: {error}") from error
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise ProblemError(f"{file}: must hold a mapping, got {type(content).__name__}")
    return {str(key): value for key, value in content.items()}


def read_bytes(file: Path) -> bytes:
    """Read a file of a problem.

    Raises:
        ProblemError: The file cannot be read.
    """
    try:
        return file.read_bytes()
    except OSError as error:
        raise ProblemError(f"{file}: cannot be read: {error.strerror}") from error


def read_text(file: Path) -> str:
    """Read a UTF-8 file of a problem.

    Raises:
        ProblemError: The file cannot be read, or is not UTF-8.
    """
    try:
        return read_bytes(file).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ProblemError(f"{file}: not UTF-8: {error}") from error


def read_limits(config: PackageConfig) -> Limits:
    """Return the limits, with the defaults of this module where the package states none.

    Raises:
        ProblemError: A limit is not a positive number.
    """
    limits = config.fields.get("limits") or {}
    if not isinstance(limits, dict):
        raise ProblemError(f"{config.file}: limits must be a mapping, got {limits!r}")
    time_s = limits.get("time_limit")
    hidden = config.folder / ".timelimit"
    if time_s is None and hidden.is_file():  # the limit that a judge has derived
        time_s = _number_in(hidden)
    try:
        return Limits(
            time_s=DEFAULT_TIME_S if time_s is None else time_s,
            memory_mib=_whole(limits.get("memory"), DEFAULT_MEMORY_MIB),
            output_mib=DEFAULT_OUTPUT_MIB if limits.get("output") is None else limits["output"],
        )
    except ValueError as error:
        raise ProblemError(f"{config.file}: {error}") from error


def states_time_limit(config: PackageConfig) -> bool:
    """Return whether the package states a time limit."""
    limits = config.fields.get("limits")
    stated = isinstance(limits, dict) and limits.get("time_limit") is not None
    return stated or (config.folder / ".timelimit").is_file()


def read_name(config: PackageConfig) -> str | None:
    """Return the name of the problem, the English name if there are several.

    Raises:
        ProblemError: The name is neither text nor a mapping from languages to texts.
    """
    name = config.fields.get("name")
    if isinstance(name, dict) and name:
        english = [language for language in name if str(language).split("-")[0] == "en"]
        name = name[english[0] if english else min(name, key=str)]
    if name is None or name == {}:
        return None
    if not isinstance(name, str | int | float) or not str(name).strip():
        raise ProblemError(f"{config.file}: name must be a text or map languages to texts, got {name!r}")
    return str(name).strip()


def _kinds(kind: object) -> list[str]:
    if isinstance(kind, str):
        return kind.split()
    return [str(word) for word in kind] if isinstance(kind, list) else []


def _check_type(file: Path, kind: object) -> None:
    words = _kinds(kind)
    if kind is not None and not words:
        raise ProblemError(f"{file}: type must be 'pass-fail' or others of {', '.join(KINDS)}, got {kind!r}")
    for word in words:
        if word not in KINDS:
            known = ", ".join(KINDS)
            raise ProblemError(f"{file}: {word} problems are not supported (type is {kind!r}); {known} are")
    if "pass-fail" in words and "scoring" in words:
        raise ProblemError(f"{file}: type cannot be both pass-fail and scoring, got {kind!r}")


def _check_validation(file: Path, validation: object) -> None:
    words = ["default"] if validation is None else str(validation).split()
    known = words[:1] == ["custom"] and set(words[1:]) <= {"interactive", "score", "multi-pass"}
    if not known and words != ["default"]:
        raise ProblemError(
            f"{file}: validation must be 'default' or 'custom' ('interactive', 'multi-pass', 'score'), "
            f"got {validation!r}"
        )


def _number_in(file: Path) -> float:
    text = read_text(file).strip()
    try:
        return float(text)
    except ValueError as error:
        raise ProblemError(f"{file}: must hold a number of seconds, got {text!r}") from error


def _whole(value: object, default: int) -> int:
    """Round a fractional limit up; `Limits` refuses a value that is not a number."""
    if value is None:
        return default
    return math.ceil(value) if isinstance(value, float) and math.isfinite(value) else value  # type: ignore[return-value]
