from __future__ import annotations

import math
import random
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from codefrontier.agents import AgentError, ModelError

if TYPE_CHECKING:  # torch takes seconds: conftest.py runs these imports before the first test
    import torch
    from safetensors.torch import load_file, save_file
    from transformers import LlamaConfig, LlamaForCausalLM

    from codefrontier.agents.policy.cache import cache_keyword
    from codefrontier.agents.policy.checkpoint import identify
    from codefrontier.agents.policy.policy import LocalPolicy, SampleRequest
    from codefrontier.agents.policy.sampler import choose, entropy_of, keep_top, stream
    from codefrontier.training.pretraining.model import tiny_model
    from codefrontier.training.pretraining.tokenizer import build_tokenizer

    torch.set_num_threads(1)


PIECES = tuple("abcdefghij")
CONTEXT = 48


@pytest.fixture(scope="module")
def tokenizer() -> Any:
    return build_tokenizer(PIECES, context=CONTEXT)


@pytest.fixture(scope="module")
def policy(tokenizer: Any) -> LocalPolicy:
    """A model with peaked distributions, which ends some replies by itself."""
    model = tiny_model(tokenizer, d=16, layers=2, heads=2, context=CONTEXT, seed=1)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(1.0 if parameter.ndim == 1 else 4.0)
    return LocalPolicy(model, tokenizer)


@pytest.fixture(scope="module")
def requests() -> list[SampleRequest]:
    """Prompts and lengths of all kinds."""
    generator = random.Random(0)
    return [
        SampleRequest(
            prompt_ids=(1, *generator.choices(range(6, 16), k=generator.randint(1, 9))),
            max_new_tokens=generator.randint(1, 30),
            seed=seed,
        )
        for seed in range(24)
    ]


def test_log_probs_are_those_of_teacher_forcing(policy: LocalPolicy, requests: list[SampleRequest]) -> None:
    for request, sampled in zip(requests, policy.sample(requests), strict=True):
        assert sampled.exact
        scored = policy.score(request.prompt_ids, sampled.token_ids)
        assert sampled.log_probs == pytest.approx(scored, abs=1e-5)


def test_entropy_is_that_of_the_distribution_at_each_token(
    policy: LocalPolicy, requests: list[SampleRequest]
) -> None:
    wanted = [replace(request, entropy=number % 3 > 0) for number, request in enumerate(requests)]
    for request, plain, sampled in zip(wanted, policy.sample(requests), policy.sample(wanted), strict=True):
        assert replace(sampled, entropy=None) == plain
        if not request.entropy:
            assert sampled.entropy is None
            continue
        whole = [*request.prompt_ids, *sampled.token_ids]
        with torch.no_grad():
            logits = policy.model(torch.tensor([whole])).logits[0, len(request.prompt_ids) - 1 : -1]
        probabilities = torch.softmax(logits.double(), dim=-1)
        expected = -(probabilities * probabilities.log()).sum(dim=-1)
        assert sampled.entropy == pytest.approx(expected.tolist(), abs=1e-5)


def test_the_entropy_of_distributions_by_hand() -> None:
    half = math.log(0.5)
    log_probs = torch.tensor([[half, half, -math.inf], [0.0, -math.inf, -math.inf]])
    assert entropy_of(log_probs).tolist() == pytest.approx([math.log(2), 0.0])


def test_a_batch_changes_nothing_in_what_a_request_gets(
    policy: LocalPolicy, requests: list[SampleRequest]
) -> None:
    together = policy.sample(requests)
    alone = [policy.sample([request])[0] for request in requests]
    by_threes = LocalPolicy(policy.model, policy.tokenizer, batch_size=3).sample(requests)
    for one, two, three in zip(together, alone, by_threes, strict=True):
        assert one.token_ids == two.token_ids == three.token_ids
        assert one.finish_reason == two.finish_reason
        assert one.log_probs == pytest.approx(two.log_probs, abs=1e-5)


def test_the_same_batch_gives_the_same_bits(policy: LocalPolicy, requests: list[SampleRequest]) -> None:
    assert policy.sample(requests) == policy.sample(requests)


def test_a_reply_ends_with_the_end_token_or_at_its_length(
    policy: LocalPolicy, requests: list[SampleRequest]
) -> None:
    end = policy.tokenizer.eos_token_id
    reasons = set()
    for request, sampled in zip(requests, policy.sample(requests), strict=True):
        reasons.add(sampled.finish_reason)
        assert end not in sampled.token_ids[:-1]
        if sampled.finish_reason == "stop":
            assert sampled.token_ids[-1] == end
        else:
            assert len(sampled.token_ids) == request.max_new_tokens
            assert sampled.token_ids[-1] != end
    assert reasons == {"stop", "length"}


def test_samples_follow_the_distribution_of_the_model(policy: LocalPolicy) -> None:
    count = 4000
    requests = [SampleRequest(prompt_ids=(1, 6), max_new_tokens=1, seed=seed) for seed in range(count)]
    tokens = [sampled.token_ids[0] for sampled in policy.sample(requests)]
    for token in range(len(policy.tokenizer)):
        share = math.exp(policy.score((1, 6), (token,))[0])
        spread = math.sqrt(share * (1 - share) / count)
        assert abs(tokens.count(token) / count - share) < 5 * spread + 1e-4


def test_a_seed_and_a_prompt_make_the_randomness(policy: LocalPolicy) -> None:
    short = SampleRequest(prompt_ids=(1, 6), max_new_tokens=4, seed=3)
    long = SampleRequest(prompt_ids=(1, 6), max_new_tokens=20, seed=3)
    assert torch.equal(stream(short), stream(long)[:4])
    other_seed = SampleRequest(prompt_ids=(1, 6), max_new_tokens=4, seed=4)
    other_prompt = SampleRequest(prompt_ids=(1, 7), max_new_tokens=4, seed=3)
    assert not torch.equal(stream(short), stream(other_seed))
    assert not torch.equal(stream(short), stream(other_prompt))


def test_temperature_zero_takes_the_most_probable_token(policy: LocalPolicy) -> None:
    request = SampleRequest(prompt_ids=(1, 6), max_new_tokens=8, temperature=0.0)
    [sampled] = policy.sample([request])
    assert not sampled.exact
    for place, token in enumerate(sampled.token_ids):
        before = sampled.token_ids[:place]
        best = max(range(16), key=lambda other, before=before: policy.score((1, 6), (*before, other))[-1])  # type: ignore[misc]
        assert token == best


@pytest.mark.parametrize("settings", [{"temperature": 0.7}, {"top_p": 0.9}, {"temperature": 0.0}])
def test_log_probs_of_another_distribution_are_not_called_exact(
    policy: LocalPolicy, settings: dict[str, float]
) -> None:
    request = SampleRequest(prompt_ids=(1, 6), max_new_tokens=8, seed=1, **settings)  # type: ignore[arg-type]
    [sampled] = policy.sample([request])
    assert not sampled.exact
    assert sampled.log_probs == pytest.approx(policy.score((1, 6), sampled.token_ids), abs=1e-5)


def test_a_stop_text_ends_the_reply(policy: LocalPolicy) -> None:
    free = SampleRequest(prompt_ids=(1, 6), max_new_tokens=30, seed=5)
    [whole] = policy.sample([free])
    text = policy.decode(whole.token_ids)
    stop = text[2:4]
    bounded = SampleRequest(prompt_ids=(1, 6), max_new_tokens=30, seed=5, stop=("zz", stop))
    [cut] = policy.sample([bounded])
    assert cut.finish_reason == "stop"
    assert policy.decode(cut.token_ids) == text[: text.index(stop) + 2]


def test_tokens_are_chosen_by_inverting_the_cumulative_distribution() -> None:
    logits = torch.tensor([[0.1, 0.6, 0.3]]).log().repeat(6, 1)
    uniform = torch.tensor([0.0, 0.09, 0.11, 0.69, 0.71, 1 - 2**-53], dtype=torch.float64)
    ones = torch.ones(6, dtype=torch.float64)
    assert choose(logits, uniform, ones, ones).tolist() == [0, 0, 1, 1, 2, 2]
    assert choose(logits, uniform, 0 * ones, ones).tolist() == [1] * 6
    # Squared probabilities at temperature 1/2: 1/46, 36/46, 9/46.
    assert choose(logits, uniform, 0.5 * ones, ones).tolist() == [0, 1, 1, 1, 1, 2]
    # The two most probable make 0.9: 2/3 and 1/3.
    assert choose(logits, uniform, ones, 0.8 * ones).tolist() == [1, 1, 1, 2, 2, 2]


def test_tokens_without_probability_are_never_chosen() -> None:
    logits = torch.tensor([[-math.inf, 0.0, -math.inf]]).repeat(3, 1)
    uniform = torch.tensor([0.0, 0.5, 1 - 2**-53], dtype=torch.float64)
    ones = torch.ones(3, dtype=torch.float64)
    assert choose(logits, uniform, ones, ones).tolist() == [1, 1, 1]


def test_top_p_keeps_the_most_probable_and_at_least_one() -> None:
    probabilities = torch.tensor([[0.2, 0.5, 0.3]]).double().repeat(4, 1)
    kept = keep_top(probabilities, torch.tensor([0.0, 0.5, 0.6, 1.0], dtype=torch.float64))
    assert (kept > 0).tolist() == [
        [False, True, False],
        [False, True, False],
        [False, True, True],
        [True, True, True],
    ]


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        ({"prompt_ids": ()}, "at least one token"),
        ({"max_new_tokens": 0}, "max_new_tokens"),
        ({"temperature": -1.0}, "temperature"),
        ({"temperature": math.nan}, "temperature"),
        ({"top_p": 1.5}, "top_p"),
        ({"seed": 1 << 63}, "seed"),
        ({"stop": ("",)}, "stop text"),
    ],
)
def test_requests_that_make_no_sense_are_refused(bad: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        SampleRequest(**{"prompt_ids": (1,), "max_new_tokens": 1, **bad})


def test_what_does_not_fit_the_context_is_refused(policy: LocalPolicy) -> None:
    with pytest.raises(ValueError, match="do not fit the context of 48"):
        policy.sample([SampleRequest(prompt_ids=(1,) * 40, max_new_tokens=9)])
    with pytest.raises(ValueError, match="fit the context"):
        policy.score((1,), (6,) * 48)
    [sampled] = policy.sample([SampleRequest(prompt_ids=(1,) * 40, max_new_tokens=8)])
    assert len(sampled.token_ids) <= 8


def test_tokens_that_do_not_exist_are_refused(policy: LocalPolicy) -> None:
    with pytest.raises(ValueError, match=r"must be in \[0, 16\)"):
        policy.sample([SampleRequest(prompt_ids=(1, 16), max_new_tokens=1)])


def test_text_the_tokenizer_does_not_know_is_refused(policy: LocalPolicy) -> None:
    with pytest.raises(ValueError, match="does not know some part of 'abz'"):
        policy.encode("abz")


def test_without_a_chat_template_the_prompt_is_the_last_message(policy: LocalPolicy) -> None:
    plain = LocalPolicy(policy.model, build_tokenizer(PIECES, context=CONTEXT))
    plain.tokenizer.chat_template = None
    messages = [{"role": "system", "content": "a"}, {"role": "user", "content": "bc"}]
    assert plain.prompt_ids(messages) == (1, *plain.encode("bc"))
    with pytest.raises(ValueError, match="at least one message"):
        plain.prompt_ids([])


def test_output_that_is_not_finite_is_no_reply(tokenizer: Any) -> None:
    model = tiny_model(tokenizer, d=8, layers=1, heads=2, context=CONTEXT)
    with torch.no_grad():
        model.lm_head.weight[3] = float("nan")
    with pytest.raises(ModelError, match="not finite"):
        LocalPolicy(model, tokenizer).sample([SampleRequest(prompt_ids=(1,), max_new_tokens=3)])


@pytest.fixture(scope="module")
def saved(policy: LocalPolicy, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("checkpoint")
    policy.model.save_pretrained(path)
    policy.tokenizer.save_pretrained(path)
    return path


@pytest.fixture
def copy_of(saved: Path, tmp_path: Path) -> Callable[[str], Path]:
    def make(name: str = "copy") -> Path:
        shutil.copytree(saved, tmp_path / name)
        return tmp_path / name

    return make


def test_a_saved_policy_samples_the_same_bits(
    policy: LocalPolicy, saved: Path, requests: list[SampleRequest]
) -> None:
    assert LocalPolicy.load(saved).sample(requests) == policy.sample(requests)


def test_the_folder_of_a_run_stands_for_its_last_checkpoint(
    policy: LocalPolicy, saved: Path, requests: list[SampleRequest], tmp_path: Path
) -> None:
    run = tmp_path / "run"
    shutil.copytree(saved, run / "checkpoint-000010")
    (run / "checkpoint-000002").mkdir()
    assert LocalPolicy.load(run).sample(requests) == policy.sample(requests)


def test_loaded_weights_have_memory_of_their_own(copy_of: Callable[..., Path]) -> None:
    path = copy_of()
    loaded = LocalPolicy.load(path)
    before = [parameter.clone() for parameter in loaded.model.parameters()]
    weights = path / "model.safetensors"
    with weights.open("r+b") as file:  # in place: a mapping of the file would see it
        file.seek(weights.stat().st_size // 2)
        file.write(bytes(weights.stat().st_size // 2))
    assert all(map(torch.equal, before, loaded.model.parameters()))
    assert {parameter.data_ptr() % 64 for parameter in loaded.model.parameters()} == {0}


def test_tied_weights_stay_tied_when_loaded(policy: LocalPolicy, tmp_path: Path) -> None:
    config = LlamaConfig(**{**policy.model.config.to_dict(), "tie_word_embeddings": True})
    LlamaForCausalLM(config).save_pretrained(tmp_path)
    policy.tokenizer.save_pretrained(tmp_path)
    model = LocalPolicy.load(tmp_path).model
    assert model.lm_head.weight is model.model.embed_tokens.weight


@pytest.mark.parametrize("keyword", ["cache", "past_key_values"])
def test_the_cache_goes_under_the_name_that_the_model_takes(keyword: str) -> None:
    class Old(torch.nn.Module):
        def forward(self, input_ids: object, past_key_values: object = None) -> object: ...

    class New(torch.nn.Module):
        def forward(self, input_ids: object, cache: object = None) -> object: ...

    assert cache_keyword({"cache": New, "past_key_values": Old}[keyword]()) == keyword


def test_sixteen_bit_checkpoints_are_loaded_in_float32(policy: LocalPolicy, tmp_path: Path) -> None:
    policy.model.save_pretrained(tmp_path)
    policy.tokenizer.save_pretrained(tmp_path)
    weights = tmp_path / "model.safetensors"
    halves = {name: tensor.bfloat16() for name, tensor in load_file(weights).items()}
    save_file(halves, weights, metadata={"format": "pt"})
    loaded = LocalPolicy.load(tmp_path)
    assert {parameter.dtype for parameter in loaded.model.parameters()} == {torch.float32}


def test_a_digest_tells_weights_and_settings_apart_and_nothing_else(copy_of: Callable[..., Path]) -> None:
    path = copy_of()
    before = identify(path)
    (path / "trainer.pt").write_bytes(b"state")
    assert identify(path) == before
    (path / "generation_config.json").write_text("{}")
    settings = identify(path)
    assert settings.digest != before.digest
    assert settings.weights_digest == before.weights_digest
    weights = load_file(path / "model.safetensors")
    weights["lm_head.weight"][0, 0] += 1
    save_file(weights, path / "model.safetensors", metadata={"format": "pt"})
    assert identify(path).weights_digest != before.weights_digest


def test_the_recipe_of_a_merge_is_part_of_the_identity(copy_of: Callable[..., Path]) -> None:
    path = copy_of()
    (path / "merge.json").write_text(
        '{"recipe": {"method": "lerp", "alpha": 0.5}, "measured": {"effective_alpha": 0.5},'
        ' "parents": {"low": {"path": "/a", "digest": "1"}, "high": {"path": "/b", "digest": "2"}}}'
    )
    assert identify(path).recipe == {
        "recipe": {"method": "lerp", "alpha": 0.5},
        "parents": {"low": "1", "high": "2"},
    }
    (path / "merge.json").write_text('{"recipe": []')
    with pytest.raises(AgentError, match=r"merge\.json: is not the record of a merge"):
        identify(path)


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda path: shutil.rmtree(path), "no such folder"),
        (lambda path: (path / "config.json").unlink(), "has no config.json"),
        (lambda path: (path / "model.safetensors").unlink(), "has no weights"),
        (lambda path: (path / "model.safetensors").write_bytes(b"junk"), "cannot be loaded"),
        (lambda path: (path / "config.json").write_text("{"), "cannot be loaded"),
    ],
)
def test_damaged_checkpoints_are_named(
    copy_of: Callable[..., Path], damage: Callable[[Path], Any], words: str
) -> None:
    path = copy_of("broken")
    damage(path)
    with pytest.raises(AgentError, match=f"broken.*{words}"):
        LocalPolicy.load(path)


def test_a_vocabulary_larger_than_the_model_is_refused(copy_of: Callable[..., Path]) -> None:
    path = copy_of()
    build_tokenizer((*PIECES, "k", "l"), context=CONTEXT).save_pretrained(path)
    with pytest.raises(AgentError, match="the tokenizer has 18 tokens, but the model embeds only 16"):
        LocalPolicy.load(path)


def test_a_device_that_is_not_there_is_named(saved: Path) -> None:
    with pytest.raises(AgentError, match="'cuda:77'"):
        LocalPolicy.load(saved, "cuda:77")
