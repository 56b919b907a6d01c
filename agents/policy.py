"""A causal language model of transformers in this process: it encodes, samples, scores and decodes.

Needs torch and transformers (`codefrontier[train]`); nothing of `codefrontier.agents` imports this module
unless a policy is asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import torch
from jinja2 import TemplateError

from .agent import Message
from .errors import AgentError, ModelError
from .policy_checkpoint import CheckpointIdentity, checkpoints, find_checkpoint, identify, load_checkpoint
from .policy_sampler import Sampled, SampleRequest, sample_batch

__all__ = ["LocalPolicy", "SampleRequest", "Sampled"]

BATCH_SIZE = 256


class LocalPolicy:
    """A model with its tokenizer. Not for several threads at a time: see `policy_batcher`.

    Args:
        model: A causal language model of transformers. It may be trained between calls.
        tokenizer: Its tokenizer.
        identity: Of the checkpoint they came from; None for a model that is on no disk.
        batch_size: Sequences at a time; more requests are sampled in several batches.
    """

    def __init__(
        self,
        model: Any,
        tokenizer: Any,
        *,
        identity: CheckpointIdentity | None = None,
        batch_size: int = BATCH_SIZE,
    ) -> None:
        if batch_size < 1:
            raise ValueError(f"batch_size must be at least 1, got {batch_size!r}")
        self.model = model
        self.tokenizer = tokenizer
        self.identity = identity
        self._batch_size = batch_size
        self._stop_ids = _stop_ids(model, tokenizer)

    @classmethod
    def load(cls, path: Path | str, device: str = "cpu", *, batch_size: int = BATCH_SIZE) -> Self:
        """Load a checkpoint, or the last one of a run, in float32.

        Raises:
            AgentError: It cannot be loaded; the message says why.
        """
        folder = Path(path)
        if checkpoints(folder):
            folder = find_checkpoint(folder)
        identity = identify(folder)
        model, tokenizer = load_checkpoint(folder, device=device)
        return cls(model, tokenizer, identity=identity, batch_size=batch_size)

    @property
    def context(self) -> int:
        """How many tokens prompt and continuation may have together."""
        return int(self.model.config.max_position_embeddings)

    def encode(self, text: str) -> tuple[int, ...]:
        """Return the tokens of a text, without any that begin or end one.

        Raises:
            ValueError: The tokenizer does not know some part of the text.
        """
        return self._known(self.tokenizer.encode(text, add_special_tokens=False), text)

    def decode(self, token_ids: Sequence[int]) -> str:
        """Return the text of tokens; special ones have none."""
        return str(self.tokenizer.decode(list(token_ids), skip_special_tokens=True))

    def token_text(self, token_id: int) -> str:
        """Return the text of one token; special ones show their name."""
        return str(self.tokenizer.decode([token_id], skip_special_tokens=False))

    def prompt_ids(self, messages: Sequence[Message]) -> tuple[int, ...]:
        """Return the tokens of a conversation up to the reply: by the chat template where there is one.

        Without a chat template it is the beginning-of-text token and the content of the last message.

        Raises:
            ValueError: The template refuses the messages, or the tokenizer does not know some text.
        """
        if not messages:
            raise ValueError("messages must hold at least one message")
        if self.tokenizer.chat_template is None:
            content = str(messages[-1].get("content") or "")
            return (*_begin(self.tokenizer), *self.encode(content))
        return self.encode(self._rendered(messages, prompt=True))

    def _rendered(self, messages: Sequence[Message], *, prompt: bool) -> str:
        try:
            text = self.tokenizer.apply_chat_template(
                list(messages), tokenize=False, add_generation_prompt=prompt
            )
        except (TemplateError, TypeError, ValueError, KeyError, AttributeError) as error:
            raise ValueError(f"the chat template refuses the messages: {error}") from error
        return str(text)

    def next_prompt_ids(self, row: Sequence[int], messages: Sequence[Message]) -> tuple[int, ...]:
        """Return the tokens of a conversation that went on after a reply, which stays as it was sampled.

        Where the chat template rewrites what was before, they are those of the whole conversation anew.

        Args:
            row: All tokens up to the end of the reply.
            messages: The conversation; the last but one is the reply, the last is what answers it.

        Raises:
            ValueError: The template refuses the messages, or the tokenizer does not know some text.
        """
        if self.tokenizer.chat_template is None:
            return (*row, *self.encode(str(messages[-1].get("content") or "")))
        reply = str(messages[-2].get("content") or "")
        before = self._rendered(messages[:-1], prompt=False)
        after = self._rendered(messages, prompt=True)
        head = self._rendered(messages[:-2], prompt=True)
        if not before.startswith(head + reply) or not after.startswith(before):
            return self.encode(after)
        end = before[len(head) + len(reply) :]  # how the template ends a reply
        stop = self.token_text(row[-1]) if row and row[-1] in self._stop_ids else ""
        return (*row, *self.encode(end.removeprefix(stop) + after[len(before) :]))

    def sample(self, requests: Sequence[SampleRequest]) -> list[Sampled]:
        """Continue every prompt; results in the order of the requests.

        Raises:
            ValueError: A request does not fit the context or names a token that does not exist.
            ModelError: The model's output is not finite.
        """
        for request in requests:
            self._check(request)
        sampled: list[Sampled] = []
        for start in range(0, len(requests), self._batch_size):
            batch = requests[start : start + self._batch_size]
            sampled += sample_batch(self.model, batch, stop_ids=self._stop_ids, ends=self._ends)
        for item in sampled:
            if not all(map(_finite, item.log_probs)):
                raise ModelError("the model's output is not finite: its weights are damaged")
        return sampled

    @torch.inference_mode()
    def score(self, prompt_ids: Sequence[int], token_ids: Sequence[int]) -> tuple[float, ...]:
        """Return the model's own log-prob of each of the tokens after the prompt, in float32.

        Raises:
            ValueError: There is no prompt, or both do not fit the context.
        """
        if not prompt_ids:
            raise ValueError("prompt_ids must hold at least one token")
        if not token_ids:
            return ()
        whole = [*prompt_ids, *token_ids]
        if len(whole) > self.context:
            raise ValueError(f"{len(whole)} tokens do not fit the context of {self.context}")
        self.model.eval()
        ids = torch.tensor([whole[:-1]], device=self.model.device)
        kept = self.model(input_ids=ids, logits_to_keep=len(token_ids)).logits[0].float()
        scores = torch.log_softmax(kept, dim=-1)
        wanted = torch.tensor(list(token_ids), device=scores.device)
        return tuple(scores.gather(-1, wanted[:, None]).squeeze(-1).tolist())

    def _check(self, request: SampleRequest) -> None:
        wanted = len(request.prompt_ids) + request.max_new_tokens
        if wanted > self.context:
            raise ValueError(
                f"prompt ({len(request.prompt_ids)} tokens) and max_new_tokens ({request.max_new_tokens}) "
                f"do not fit the context of {self.context}"
            )
        rows = self.model.get_input_embeddings().weight.shape[0]
        if not all(0 <= token < rows for token in request.prompt_ids):
            raise ValueError(f"prompt_ids must be in [0, {rows}), got {sorted(set(request.prompt_ids))[-3:]}")

    def _ends(self, request: SampleRequest, token_ids: Sequence[int]) -> bool:
        text = self.decode(token_ids)
        return any(stop in text for stop in request.stop)

    def _known(self, token_ids: Sequence[int], text: str) -> tuple[int, ...]:
        unknown = self.tokenizer.unk_token_id
        if unknown is not None and unknown in token_ids:
            raise ValueError(f"the tokenizer does not know some part of {text!r:.200}")
        return tuple(token_ids)


def _stop_ids(model: Any, tokenizer: Any) -> frozenset[int]:
    """Return the tokens that end a reply, by the tokenizer and by the generation settings."""
    configured = getattr(model.generation_config, "eos_token_id", None)
    listed = configured if isinstance(configured, list) else [configured]
    found = frozenset(token for token in (*listed, tokenizer.eos_token_id) if token is not None)
    if not found:
        raise AgentError("neither tokenizer nor generation settings name an end-of-text token")
    return found


def _begin(tokenizer: Any) -> tuple[int, ...]:
    return () if tokenizer.bos_token_id is None else (tokenizer.bos_token_id,)


def _finite(log_prob: float) -> bool:
    return -float("inf") < log_prob < float("inf")
