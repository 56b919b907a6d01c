"""The environment in which a model plays the debugger: it predicts the state after an action."""
