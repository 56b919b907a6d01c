"""Settings of the documentation build; `make docs` runs it.

The build reads no network: there is no intersphinx, and the theme brings its own scripts and uses the fonts
of the reader's system.
"""

from __future__ import annotations

import importlib
import inspect
import re
from importlib.metadata import version as version_of
from importlib.util import find_spec
from typing import Any

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.ext.autodoc.mock import mock

project = "codefrontier"
author = "the codefrontier contributors"
copyright = author
release = version = version_of("codefrontier")

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["_static"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 4
"""Headings down to this level can be linked to as `page.md#heading`, as on code hosts."""

html_theme = "furo"
html_title = "codefrontier"
html_static_path = ["_static"]
html_css_files = ["pages.css"]
html_copy_source = False
html_show_sphinx = False
html_theme_options = {"navigation_with_keys": True}
pygments_style = "default"
highlight_language = "text"
"""Of blocks without a language, which show output."""
maximum_signature_line_length = 88

ROOMS = ("problems", "judge", "envs", "agents", "training", "merging", "benchmarks")
"""Packages whose `__all__` is the public interface."""
SYSTEMS = (
    *("problems.synthesis", "agents.synthesis", "problems.verification", "agents.verification"),
    *("envs.verification", "judge.tracing", "problems.traces", "problems.families.puzzles"),
    *("agents.equilibrium", "training.equilibrium"),
)
"""Packages inside rooms whose `__all__` is public too."""
OPTIONAL = (
    *("torch", "transformers", "tokenizers", "safetensors", "litellm"),
    *("fastapi", "uvicorn", "ray", "docker"),
)
"""Modules of extras. A build without an extra replaces its modules by stand-ins, so that ours import."""

autodoc_mock_imports = [name for name in OPTIONAL if find_spec(name) is None]
autodoc_default_options = {"members": True, "imported-members": True}
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_preserve_defaults = True
napoleon_google_docstring = True
napoleon_numpy_docstring = False
napoleon_use_rtype = False

nitpicky = True
nitpick_ignore_regex = [
    # Python's own types and those of other libraries: their inventories would come from the network.
    (r"py:.*", r"(?!codefrontier\b).*"),
    # Types that signatures mention but no room exports: they have no entry to link to.
    (r"py:.*", r"codefrontier\.\w+\.[\w.]+"),
]
_INLINE_CODE = re.compile(r"(?<!`)`([^`]+)`(?!`)")


def _public_names() -> dict[str, str]:
    """Map where each public object is defined to the name under which its room documents it."""
    names = {}
    for room in (*SYSTEMS, *ROOMS):
        package = importlib.import_module(f"codefrontier.{room}")
        for name in package.__all__:
            public = getattr(package, name)
            # Some rooms load their names at first use; autodoc only sees names that are there already.
            setattr(package, name, public)
            if inspect.isclass(public) or inspect.isfunction(public):
                names[f"{public.__module__}.{public.__qualname__}"] = f"codefrontier.{room}.{name}"
    return names


def _use_literals(app: Sphinx, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    """Turn the `code` of Markdown, as docstrings write it, into the ``code`` of reStructuredText."""
    text = _INLINE_CODE.sub(lambda found: f"``{found[1]}``", "\n".join(lines))
    lines[:] = text.split("\n")


def _find_public(
    app: Sphinx, env: BuildEnvironment, node: pending_xref, contnode: nodes.TextElement
) -> nodes.reference | None:
    """Link a type in a signature, known by the module that defines it, to its entry on the room's page."""
    public = app.config.public_names.get(node.get("reftarget", ""))
    if public is None or node.get("refdomain") != "py":
        return None
    py = env.domains["py"]
    found: nodes.reference | None = py.resolve_xref(
        env, node["refdoc"], app.builder, "obj", public, node, contnode
    )
    return found


def setup(app: Sphinx) -> None:
    """Add what this project needs beyond the extensions."""
    with mock(autodoc_mock_imports):
        names = _public_names()
    app.add_config_value("public_names", names, rebuild="")
    # Before napoleon, whose sections contain the same `code`.
    app.connect("autodoc-process-docstring", _use_literals, priority=400)
    app.connect("missing-reference", _find_public)
