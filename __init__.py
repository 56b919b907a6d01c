"""Gymnasium environments over competitive programming, on a judge you can trust.

Importing registers the environments and nothing else, so that `gymnasium.make("ClassicsEasy-single")` works.
"""

from .envs.registration import register_environments

register_environments()
