"""Templates: values are escaped; a missing or malformed value is reported in one sentence."""

from __future__ import annotations

import pytest
from jinja2 import DictLoader

from sketchpad.ui import html
from sketchpad.ui.html import TemplateValueError, render

TEMPLATES = {
    "text": "<p title='{{ text }}'>{{ text }}</p>",
    "json": "<script>x = {{ data | tojson }}</script>",
    "percent": "{{ share | percent(1) }}",
    "translated": "{{ translated('p', 'page.title', n=n) }}",
}


@pytest.fixture(autouse=True)
def templates(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(html._ENVIRONMENT, "loader", DictLoader(TEMPLATES))


def test_values_are_escaped() -> None:
    assert render("text", text="<'\"&>") == "<p title='&lt;&#39;&#34;&amp;&gt;'>&lt;&#39;&#34;&amp;&gt;</p>"
    script = render("json", data={"数": "</script>'"})
    assert script.count("<") == 2
    assert "数" in script


def test_a_template_uses_sentences_and_number_formats() -> None:
    assert render("translated", n=3) == html.translated("p", "page.title", n=3)
    assert render("percent", share=0.9968) == "99.7\N{NO-BREAK SPACE}%"


@pytest.mark.parametrize(
    ("template", "values"),
    [("text", {}), ("json", {}), ("json", {"data": object()}), ("percent", {"share": "much"})],
)
def test_a_malformed_value_is_reported_with_its_template(template: str, values: dict[str, object]) -> None:
    with pytest.raises(TemplateValueError, match=rf"^The template {template} cannot be filled in: .*\.$"):
        render(template, **values)
