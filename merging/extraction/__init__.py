"""LoRA adapters made from two checkpoints: the truncated singular value decomposition of their difference."""
