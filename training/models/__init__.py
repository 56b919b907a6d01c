"""Models in training: how they are loaded, their precision, adapters and optimizer."""
