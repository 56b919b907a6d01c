"""Files of training rows as JSON lines: made from records, and checked."""
