"""LoRA adapters in the format of peft: read as changes of their base, or made from a change."""
