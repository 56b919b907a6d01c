"""How a model is asked: sampling settings, where it is served, and patience."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

RANGES = {
    "temperature": (0.0, 2.0),
    "top_p": (0.0, 1.0),
    "max_completion_tokens": (1, 10_000_000),
    "max_attempts": (1, 20),
    "retry_wait_s": (0.0, 60.0),
    "request_limit_s": (0.1, 86400.0),
}


@dataclass(frozen=True, kw_only=True)
class ModelOptions:
    """Options of a litellm agent; what is None is left to the provider."""

    api_base: str | None = None
    """Base URL of an OpenAI-compatible server, for example `http://127.0.0.1:8000/v1`."""
    temperature: float | None = None
    """In [0, 2]."""
    top_p: float | None = None
    """In [0, 1]."""
    max_completion_tokens: int | None = None
    """Tokens of one reply at most."""
    model_seed: int | None = None
    """Seed of the sampling; the number of the sample is added to it."""
    native_tools: bool = True
    """Function calling of the provider; otherwise tools are described in the prompt and called as text."""
    max_attempts: int = 5
    """Requests per reply at most, when the server is busy, fails or cannot be reached."""
    retry_wait_s: float = 1.0
    """Seconds before the second request; doubled for each further one, up to 60."""
    request_limit_s: float = 600.0
    """Wall seconds a reply may take."""

    def __post_init__(self) -> None:
        for name, (low, high) in RANGES.items():
            value = getattr(self, name)
            if value is not None and not low <= value <= high:
                raise ValueError(f"{name} must be in [{low}, {high}], got {value!r}")
        if self.api_base is not None:
            self._check_api_base(self.api_base)

    @staticmethod
    def _check_api_base(url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"api_base must be a URL like http://127.0.0.1:8000/v1, got {url!r}")
        if parts.username or parts.password:
            raise ValueError("api_base must not hold credentials: put the key into the provider's variable")
