"""The tokenizer of a checkpoint for the checks of rows; needs the extra `train`."""

from __future__ import annotations

from pathlib import Path

from transformers import AutoTokenizer

from .check import Vocabulary


def load_vocabulary(path: Path) -> Vocabulary:
    """Load a tokenizer from a folder.

    Raises:
        ValueError: The folder has no tokenizer that can be loaded.
    """
    try:
        tokenizer = AutoTokenizer.from_pretrained(path, local_files_only=True)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{path}: has no tokenizer that can be loaded: {error}") from error
    return Vocabulary(
        size=len(tokenizer), decode=lambda ids: str(tokenizer.decode(list(ids), skip_special_tokens=True))
    )
