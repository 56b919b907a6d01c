from __future__ import annotations

import re
import sys

import pytest

from codefrontier.agents import AgentError, agent_factory
from codefrontier.terminal import install_hint


def test_without_openhands_the_spec_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "codefrontier.agents.openhands.agent", raising=False)
    monkeypatch.setitem(sys.modules, "openhands.sdk", None)
    with pytest.raises(AgentError, match=rf"{re.escape(install_hint('openhands'))}, on Python 3.12"):
        agent_factory("openhands:openai/m")


def test_an_unknown_spec_lists_every_kind_of_agent() -> None:
    with pytest.raises(
        AgentError, match=r"unknown agent 'gpt:x': must be one of reference, slow.*"
    ) as caught:
        agent_factory("gpt:x")
    for prefix in ("litellm:", "openhands:", "policy:", "replay:", "equilibrium:", "ensemble:"):
        assert f"{prefix}<" in str(caught.value)
