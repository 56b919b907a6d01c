"""Sandboxes in containers of a Docker engine; `options` alone imports nothing of the docker package."""
