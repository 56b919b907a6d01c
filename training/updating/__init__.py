"""The update of the weights on a batch of rows: its loss, what takes it, and the processes that share it."""
