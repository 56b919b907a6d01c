"""The programs that are measured: ours, mergekit, whole files in torch, and a copy of the same bytes."""

from __future__ import annotations

OURS = """
import sys
from pathlib import Path
from codefrontier.merging import MergeOptions, merge_checkpoints
low, high, out, *alphas = sys.argv[1:]
options = MergeOptions(force=True)
merge_checkpoints(Path(low), Path(high), [float(alpha) for alpha in alphas], Path(out), options)
"""
TORCH = """
import sys
from pathlib import Path
import torch
from safetensors.torch import load_file, save_file
low, high, out, alpha = sys.argv[1:]
ours, theirs = (load_file(f"{folder}/model.safetensors") for folder in (low, high))
merged = {
    name: ((1 - float(alpha)) * weights.float() + float(alpha) * theirs[name].float()).to(weights.dtype)
    for name, weights in ours.items()
}
folder = Path(out, f"alpha-{alpha}")
folder.mkdir(parents=True)
save_file(merged, folder / "model.safetensors")
"""
MERGEKIT = """
import json, sys
from pathlib import Path
from mergekit.config import MergeConfiguration
from mergekit.merge import run_merge
from mergekit.options import MergeOptions
low, high, out, alpha = sys.argv[1:]
config = {
    "merge_method": "linear",
    "models": [
        {"model": low, "parameters": {"weight": 1 - float(alpha)}},
        {"model": high, "parameters": {"weight": float(alpha)}},
    ],
    "parameters": {"normalize": False},
    "dtype": json.loads(Path(low, "config.json").read_text())["torch_dtype"],
}
options = MergeOptions(copy_tokenizer=False, quiet=True)
run_merge(MergeConfiguration.model_validate(config), f"{out}/alpha-{alpha}", options=options)
"""
COPY = """
import os, sys
from pathlib import Path
low, high, out, alpha = sys.argv[1:]
folder = Path(out, f"alpha-{alpha}")
folder.mkdir(parents=True)
buffer = memoryview(bytearray(1 << 23))
with (
    open(f"{low}/model.safetensors", "rb", buffering=0) as first,
    open(f"{high}/model.safetensors", "rb", buffering=0) as second,
    open(folder / "model.safetensors", "wb", buffering=0) as target,
):
    while size := first.readinto(buffer):
        target.write(buffer[:size])
        second.readinto(buffer)
    os.fsync(target.fileno())
"""
"""Reads both parents and writes as much as a merge, without arithmetic: the limit of the disk."""
RELEX = """
import json, sys
from pathlib import Path
import torch
torch.set_num_threads(1)
from codefrontier.merging.recipes.recipe_file import parse_recipe
from codefrontier.merging.recipes.sweep import merge_recipe_sweep
root, out, count, *targets = sys.argv[1:]
names = [f"{root}/checkpoints/global_step_{step}" for step in range(1, int(count) + 1)]
models = [{"model": name, "position": step} for step, name in enumerate(names, start=1)]
content = {"merge_method": "relex", "base_model": f"{root}/base", "models": models, "parameters": {"rank": 1}}
recipe = parse_recipe(content, where="measurement")
merge_recipe_sweep(recipe, [float(target) for target in targets], Path(out))
"""
