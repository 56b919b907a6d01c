"""Ways to look at the metrics of runs: terminal, browser page and figure; nothing is imported here."""
