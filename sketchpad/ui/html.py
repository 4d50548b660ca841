"""HTML from Jinja2 templates, which escape every value by default.

A template lies beside the Python file that fills it and is named from the package's root. It contains no
sentences: an element names its sentence by key, ``<p data-text="page.privacy"></p>``, with values as
``data-values='{{ {"n": n} | tojson }}'``, and page.js fills it in. ``{{ translated("p", key, n=n) }}`` writes
such an element.
"""

from __future__ import annotations

from jinja2 import Environment, FileSystemLoader, StrictUndefined, UndefinedError
from markupsafe import Markup

from .assets import PACKAGE
from .format import compact, percent, percent_of, shape_text, thousands
from .i18n import translated


class TemplateValueError(ValueError):
    """A value of a template is missing or of the wrong type."""


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(PACKAGE),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        auto_reload=False,
    )
    environment.policies["json.dumps_kwargs"] = {"ensure_ascii": False}
    environment.globals["translated"] = translated
    for function in (compact, percent, percent_of, shape_text, thousands):
        environment.filters[function.__name__] = function
    return environment


_ENVIRONMENT = _environment()


def render(template: str, /, **values: object) -> Markup:
    """The template at this path with the values filled in.

    Raises TemplateValueError where a value is missing or of the wrong type.
    """
    source = _ENVIRONMENT.get_template(template)
    try:
        return Markup(source.render(values))
    except (UndefinedError, TypeError, ValueError) as error:
        raise TemplateValueError(f"The template {template} cannot be filled in: {error}.") from error
