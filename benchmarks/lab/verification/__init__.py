"""The experiment on verifiers at micro scale: which recipe trains a tiny model to tell right programs."""
