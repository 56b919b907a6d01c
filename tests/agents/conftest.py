"""A hand-made problem with programs of known quality, a shared judge, a scripted server, a checkpoint."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path
from typing import Any

import gymnasium
import pytest

import codefrontier  # noqa: F401  # registers the environments
from codefrontier.agents import EpisodeRecord, EpisodeWriter
from codefrontier.judge import Judge
from codefrontier.problems import Difficulty, Label, LabelledSubmission, Limits, Problem, Testset

SUM = b"import sys\nprint(sum(map(int, sys.stdin.read().split()[1:])))\n"
SLOW = b"""import sys
numbers = list(map(int, sys.stdin.read().split()[1:]))
while len(numbers) > 100:
    pass
print(sum(numbers))
"""
WRONG = b"import sys\nprint(sum(map(abs, map(int, sys.stdin.read().split()[1:]))))\n"
CRASH = b"""import sys
total, *rest = map(int, sys.stdin.read().split()[1:])
print(total + sum(rest))
"""
CPP = b"""#include <iostream>
int main() { long long n, x, s = 0; std::cin >> n; while (std::cin >> x) s += x; std::cout << s << "\\n"; }
"""


def total_of(numbers: list[int]) -> tuple[bytes, bytes]:
    return f"{len(numbers)}\n{' '.join(map(str, numbers))}\n".encode(), f"{sum(numbers)}\n".encode()


@pytest.fixture(scope="session")
def problem() -> Problem:
    """Sum numbers: `slow` fails on the largest test, `wrong` on negative numbers, `crash` on no numbers."""
    labelled = [
        ("reference.py", Label.ACCEPTED, SUM),
        ("reference.cpp", Label.ACCEPTED, CPP),
        ("slow.py", Label.TIME_LIMIT_EXCEEDED, SLOW),
        ("wrong.py", Label.WRONG_ANSWER, WRONG),
        ("crash.py", Label.RUN_TIME_ERROR, CRASH),
    ]
    return Problem(
        id="number-sum",
        title="Number sum",
        statement="The first line holds n, the second n integers. Print their sum, which is ≤ 10^9.",
        tests=Testset.inline(
            [total_of([]), total_of([3, 4]), total_of([5, -7, 2]), total_of(list(range(200)))]
        ),
        samples=Testset.inline([total_of([1, 2])]),
        limits=Limits(time_s=0.5),
        difficulty=Difficulty.EASY,
        submissions=tuple(
            LabelledSubmission(name=name, label=label, source=source) for name, label, source in labelled
        ),
    )


@pytest.fixture(scope="session")
def judge() -> Iterator[Judge]:
    with Judge(workers=2) as judge:
        yield judge


EnvMaker = Callable[..., gymnasium.Env[str, str]]
RecordsMaker = Callable[..., Path]


@pytest.fixture
def make_env(problem: Problem, judge: Judge) -> Iterator[EnvMaker]:
    """Make environments that play the hand-made problem; they are closed afterwards."""
    made: list[gymnasium.Env[str, str]] = []

    def make(mode: str, **keywords: Any) -> gymnasium.Env[str, str]:
        settings = {"problems": [problem], "judge": judge, **keywords}
        made.append(gymnasium.make(f"Classics-{mode}", disable_env_checker=True, **settings))
        return made[-1]

    yield make
    for env in made:
        env.close()


def text_reply(content: str | None, **message: Any) -> dict[str, Any]:
    return {"message": {"role": "assistant", "content": content, **message}, "finish_reason": "stop"}


def tool_reply(*calls: tuple[str, Any]) -> dict[str, Any]:
    """Return a reply with tool calls; arguments that are text are sent unchanged."""
    tool_calls = [
        {
            "id": f"call-{name}-{number}",
            "type": "function",
            "function": {
                "name": name,
                "arguments": arguments if isinstance(arguments, str) else json.dumps(arguments),
            },
        }
        for number, (name, arguments) in enumerate(calls)
    ]
    return {**text_reply(None, tool_calls=tool_calls), "finish_reason": "tool_calls"}


def failure(
    status: int, message: str, headers: dict[str, str] | None = None, **details: Any
) -> dict[str, Any]:
    error = {"message": message, "type": "test", **details}
    return {"status": status, "headers": headers or {}, "error": error}


def fault(kind: str, **details: Any) -> dict[str, Any]:
    """Misbehave: `drop` says nothing, `half` stops in the middle, `body` answers 200 with `data`, `silent`
    waits `seconds`, `stream` sends `deltas`, then `end`s as asked: `whole`, `early`, `cut` or `garbled`."""
    return {"fault": kind, **details}


USAGE = {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18}


def completion(ids: list[int], **told: Any) -> dict[str, Any]:
    """Sample these tokens after any prompt; keyword arguments replace fields of the server's answer."""
    return {"completion": ids, "told": told}


def stream_events(body: dict[str, Any], deltas: list[dict[str, Any]], end: str) -> list[bytes]:
    """Return the events of a streamed reply; its last delta may hold the `finish_reason`."""
    head = {"id": "reply", "object": "chat.completion.chunk", "created": 1, "model": body["model"]}
    chunks = []
    for delta in deltas:
        extra = delta.pop("choice", {})
        choice = {"index": 0, "delta": delta, "finish_reason": None, **extra}
        chunks.append(json.dumps({**head, "choices": [choice], **delta.pop("top", {})}).encode())
    if end == "whole":
        chunks += [json.dumps({**head, "choices": [], "usage": USAGE}).encode(), b"[DONE]"]
    if end == "garbled":
        chunks.append(b'{"id": "rep')
    return [b"data: %s\n\n" % chunk for chunk in chunks]


PATHS = ("/v1/chat/completions", "/v1/completions")


def completed(ids: list[int], told: dict[str, Any], body: dict[str, Any]) -> dict[str, Any]:
    """Return a text completion in the form of vLLM; each token has the log-prob -0.5."""
    choice = {
        "index": 0,
        "text": "",
        "finish_reason": "stop",
        "token_ids": ids,
        "prompt_token_ids": body["prompt"],
        "logprobs": {"tokens": [f"token_id:{token}" for token in ids], "token_logprobs": [-0.5] * len(ids)},
        **told,
    }
    read, written = len(body["prompt"]), len(ids)
    usage = {"prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written}
    head = {"id": "cmpl", "object": "text_completion", "created": 1, "model": body["model"]}
    return {**head, "choices": [choice], "usage": usage}


class ChatHandler(BaseHTTPRequestHandler):
    """Sends the scripted replies of its server."""

    chat: ChatServer
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.chat.keys.append(self.headers.get("Authorization"))
        status, answer = self.chat.answer(self.path, body)
        if "fault" in answer:
            self.misbehave(answer, body)
        else:
            headers = answer.pop("headers", {})
            self.send(json.dumps(answer).encode(), status=status, headers=headers)

    def do_GET(self) -> None:
        self.chat.keys.append(self.headers.get("Authorization"))
        models = {"object": "list", "data": self.chat.models}
        self.send(json.dumps(models).encode(), headers={}, status=200 if self.chat.models else 404)

    def send(self, data: bytes, *, status: int = 200, headers: dict[str, str], half: bool = False) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data[: len(data) // 2] if half else data)

    def misbehave(self, answer: dict[str, Any], body: dict[str, Any]) -> None:
        kind = answer["fault"]
        self.close_connection = kind != "body"
        if kind == "body":
            self.send(answer["data"], headers={})
        elif kind == "half":
            self.send(json.dumps(self.chat.reply(text_reply("so far"), body)).encode(), headers={}, half=True)
        elif kind == "silent":
            self.chat.silence.wait(answer["seconds"])
        elif kind == "stream":
            self.stream(stream_events(body, answer["deltas"], answer["end"]), cut=answer["end"] == "cut")

    def stream(self, events: list[bytes], *, cut: bool) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for event in events:
            self.wfile.write(b"%x\r\n%s\r\n" % (len(event), event))
        self.wfile.write(b"" if cut else b"0\r\n\r\n")


class ChatServer:
    """Answers completions with a script, over HTTP on loopback, and keeps the requests."""

    def __init__(self) -> None:
        self.script: list[dict[str, Any]] = []
        self.requests: list[dict[str, Any]] = []
        self.keys: list[str | None] = []
        self.models: list[dict[str, Any]] = []
        self.silence = threading.Event()
        self._lock = threading.Lock()
        handler = type("Handler", (ChatHandler,), {"chat": self})
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._http.daemon_threads = True
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.05})
        self._thread.start()

    @property
    def api_base(self) -> str:
        return f"http://127.0.0.1:{self._http.server_port}/v1"

    def answer(self, path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        with self._lock:
            self.requests.append(body)
            if path not in PATHS or not self.script:
                return 404, {"error": {"message": f"nothing scripted for {path}", "type": "test"}}
            reply = dict(self.script.pop(0))
        if "fault" in reply:
            return 200, reply
        if "status" in reply:
            return reply.pop("status"), reply
        if "completion" in reply:
            return 200, completed(reply["completion"], reply["told"], body)
        return 200, self.reply(reply, body)

    def reply(self, reply: dict[str, Any], body: dict[str, Any]) -> dict[str, Any]:
        """Return a reply of the protocol; fields in `top` are placed beside the choices."""
        top = reply.pop("top", {})
        choice = {"index": 0, **reply}
        head = {"id": "reply", "object": "chat.completion", "created": 1, "model": body["model"]}
        return {**head, "choices": [choice], "usage": USAGE, **top}

    def close(self) -> None:
        self.silence.set()
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()


@pytest.fixture
def chat_server() -> Iterator[ChatServer]:
    server = ChatServer()
    yield server
    server.close()


CHATML = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}<|im_end|>\n"
    "{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random model of transformers with one token per byte, so that it can read any text."""
    torch = pytest.importorskip("torch", reason="the extra train is not installed")
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    made = Tokenizer(models.BPE(vocab={letter: number for number, letter in enumerate(letters)}, merges=[]))
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    made.decoder = decoders.ByteLevel()
    special = {"bos_token": "<|im_start|>", "eos_token": "<|im_end|>", "pad_token": "<|im_end|>"}
    make: Any = PreTrainedTokenizerFast
    tokenizer = make(tokenizer_object=made, **special)
    tokenizer.chat_template = CHATML
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=16,
        intermediate_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        max_position_embeddings=32768,
        eos_token_id=tokenizer.eos_token_id,
        bos_token_id=tokenizer.bos_token_id,
    )
    path = tmp_path_factory.mktemp("transformers") / "tiny"
    torch.manual_seed(0)
    LlamaForCausalLM(config).save_pretrained(path)
    tokenizer.save_pretrained(path)
    return path


@pytest.fixture(scope="session")
def says(checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Make a checkpoint that writes these pieces, a token each, after any prompt of its chat template.

    The hidden state is the last token alone, and the head knows one successor of it. All other texts have
    one token per byte.
    """
    torch = pytest.importorskip("torch", reason="the extra train is not installed")
    from tokenizers import AddedToken
    from transformers import AutoTokenizer, LlamaConfig, LlamaForCausalLM

    def make(pieces: Sequence[str], *, template: str | None = None, name: str = "says") -> Path:
        tokenizer: Any = AutoTokenizer.from_pretrained(checkpoint, local_files_only=True)
        tokenizer.add_tokens([AddedToken(piece, normalized=False, special=False) for piece in pieces])
        tokenizer.chat_template = template or tokenizer.chat_template
        config = LlamaConfig(
            vocab_size=len(tokenizer),
            hidden_size=(hidden := -(-len(tokenizer) // 64) * 64),
            intermediate_size=4,
            num_hidden_layers=1,
            num_attention_heads=hidden // 64,  # vLLM knows heads of 64 numbers
            max_position_embeddings=32768,
            eos_token_id=tokenizer.eos_token_id,
            bos_token_id=tokenizer.bos_token_id,
            tie_word_embeddings=False,
        )
        model: Any = LlamaForCausalLM(config)
        [newline] = tokenizer.encode("\n", add_special_tokens=False)
        chain = [newline, *tokenizer.convert_tokens_to_ids(list(pieces)), tokenizer.eos_token_id]
        with torch.no_grad():
            for parameter in (model.model.layers[0].self_attn.o_proj, model.model.layers[0].mlp.down_proj):
                parameter.weight.zero_()
            model.model.embed_tokens.weight.copy_(torch.eye(len(tokenizer), config.hidden_size))
            model.lm_head.weight.zero_()
            for token, successor in pairwise(chain):
                model.lm_head.weight[successor, token] = 5.0  # times the square root of the hidden size
        path = tmp_path_factory.mktemp("says") / name
        model.save_pretrained(path)
        tokenizer.save_pretrained(path)
        return path

    return make


@pytest.fixture
def replies() -> dict[str, Callable[..., dict[str, Any]]]:
    """The makers of scripted replies: `text`, `tools`, `failure`, `fault`, `completion`."""
    return {
        "text": text_reply,
        "tools": tool_reply,
        "failure": failure,
        "fault": fault,
        "completion": completion,
    }


@pytest.fixture
def records(tmp_path: Path) -> RecordsMaker:
    """Write records to a file of the test's folder and return its path."""

    def write(episodes: Iterable[EpisodeRecord], name: str = "records.jsonl") -> Path:
        path = tmp_path / name
        with EpisodeWriter(path) as writer:
            for episode in episodes:
                writer.write(episode)
        return path

    return write
