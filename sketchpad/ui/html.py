"""HTML from Jinja2 templates, which escape every value by default.

A template lies beside the Python file that fills it and is named from the package's root. Sentences are not
written in templates: an element names its sentence by key, ``<p data-text="draw.hint"></p>``, with values as
``data-values='{{ {"n": n} | tojson }}'``, and page.js fills it in.
"""

from __future__ import annotations

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from .component import PACKAGE

_ENVIRONMENT = Environment(
    loader=FileSystemLoader(PACKAGE),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
    undefined=StrictUndefined,
    auto_reload=False,
)


def render(template: str, /, **values: object) -> Markup:
    """The template at this path with the values filled in; an undefined value is an error."""
    return Markup(_ENVIRONMENT.get_template(template).render(values))
