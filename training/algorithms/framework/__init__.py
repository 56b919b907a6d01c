"""What the algorithms share: the losses, the streams on rows, and the registry of their names."""
