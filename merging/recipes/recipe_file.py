"""Recipe files: YAML or JSON with the keys of mergekit's files, and methods that mergekit does not have."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from ..errors import MergeError
from .trajectory import checkpoints_as_models

NOT_SUPPORTED: Final = {
    "slices": "layers of different models are not stacked; merge whole models with `models`",
    "modules": "modules are not merged apart; use `filter` in a parameter",
    "tokenizer": "the tokenizer is that of the first parent; parents with other vocabularies are refused",
    "tokenizer_source": "the tokenizer is that of the first parent",
    "chat_template": "the chat template is that of the first parent",
}
"""Keys of mergekit's files that are refused, and why."""
IGNORED: Final = ("int8_mask",)
"""Parameters of mergekit that save memory there and have no meaning here."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ModelEntry(_Part):
    """A parent and its own parameters."""

    model: str
    """Checkpoint folder, run folder, or `owner/name` on the Hub, with `@revision`; `MODEL+ADAPTER` for a LoRA
    adapter and its base."""
    base: str | None = None
    """Base of a LoRA adapter; the base that the adapter names unless given."""
    parameters: dict[str, Any] = Field(default_factory=dict)
    position: float | None = None
    """Number of steps of a checkpoint, for fits over a trajectory."""

    @field_validator("model", mode="before")
    @classmethod
    def _name(cls, value: Any) -> Any:
        # mergekit also writes a reference as an object with the path below two keys.
        if isinstance(value, dict) and isinstance(value.get("model"), dict) and "path" in value["model"]:
            lora = value.get("lora") or {}
            adapter = f"+{lora['path']}" if isinstance(lora, dict) and "path" in lora else ""
            return f"{value['model']['path']}{adapter}"
        return value


class RecipeFile(_Part):
    """The content of a recipe file."""

    merge_method: str
    """Name of the method."""
    models: tuple[ModelEntry, ...] = Field(min_length=1)
    """Parents, in order. In a file, a folder of a run stands for all its checkpoints."""
    base_model: str | None = None
    """Parent that differences are taken from; also the source of settings and tokenizer."""
    parameters: dict[str, Any] = Field(default_factory=dict)
    """Parameters for all parents."""
    dtype: Literal["float32", "float16", "bfloat16"] | None = None
    """Dtype of the merge, unless `out_dtype` is given. All arithmetic is float64."""
    out_dtype: Literal["float32", "float16", "bfloat16"] | None = None
    """Dtype of the merge; that of the first parent unless given."""
    rounding: Literal["nearest", "stochastic"] = "nearest"
    seed: int = 0
    """Seed of stochastic rounding and of methods that drop weights at random."""
    allow: tuple[str, ...] = ()
    """Fields in which the parents may differ."""


def read_recipe_file(path: Path) -> RecipeFile:
    """Read a recipe file.

    Raises:
        MergeError: The file is not a recipe; the message names the key, its value and what is allowed.
        OSError: The file cannot be read.
    """
    try:
        content = yaml.safe_load(path.read_text())  # JSON is YAML, too
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise MergeError(f"{path}: is neither YAML nor JSON: {error}") from error
    return parse_recipe(content, where=str(path), relative_to=path.parent)


def parse_recipe(content: Any, *, where: str, relative_to: Path = Path()) -> RecipeFile:
    """Return the recipe in an object.

    Args:
        content: The object.
        where: Name of the object in messages.
        relative_to: Folder that the path of a run starts from, if `models` names a run.

    Raises:
        MergeError: The object is not a recipe.
    """
    if not isinstance(content, dict):
        raise MergeError(
            f"{where}: must contain an object with merge_method and models, got {content!r:.200}"
        )
    for key, reason in NOT_SUPPORTED.items():
        if content.get(key):
            raise MergeError(f"{where}: `{key}` is not supported: {reason}")
    known = {key: value for key, value in content.items() if key not in NOT_SUPPORTED}
    if isinstance(known.get("models"), str | dict):
        known["models"] = checkpoints_as_models(
            known["models"], base_model=known.get("base_model"), where=where, relative_to=relative_to
        )
    try:
        return RecipeFile.model_validate(known)
    except ValidationError as error:
        faults = [
            f"{'.'.join(map(str, each['loc']))}: {each['msg']}, got {each['input']!r:.100}"
            for each in error.errors()
        ]
        raise MergeError(f"{where}: {'; '.join(faults)}") from error
