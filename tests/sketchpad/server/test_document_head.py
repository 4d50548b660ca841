"""The tags of the served page that chats and search engines show."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from gradio.routes import templates
from markupsafe import Markup
from starlette.applications import Starlette
from starlette.testclient import TestClient

from sketchpad.server import document_head

ROOT = "https://pad.example/here"


class Head(HTMLParser):
    """Every <meta> and <title> in the order of the page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, str]] = []
        self.titles: list[str] = []
        self.in_title = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = dict(attrs)
        self.in_title = tag == "title"
        if tag == "meta" and (name := names.get("property") or names.get("name")):
            self.tags.append((name, names["content"] or ""))

    def handle_data(self, data: str) -> None:
        if self.in_title:
            self.titles.append(data)
            self.in_title = False


@pytest.mark.parametrize("template", ["frontend/index.html", "frontend/share.html"])
def test_a_link_is_shown_with_our_title_description_and_picture(
    template: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(templates.env, "loader", templates.env.loader)  # puts it back at the end
    document_head.replace_head(Markup("<meta name='ours' content='{{ as it is }}'>"))
    document_head.replace_head(Markup())  # a second launch changes nothing
    templates.env.cache.clear()
    config = {"root": ROOT, "title": "ResNet Sketchpad"}
    page = templates.env.get_template(template).render(config=config, gradio_api_info={}, base_url="./")
    templates.env.cache.clear()
    head = Head()
    head.feed(page.split("<body")[0])
    assert head.titles == ["ResNet Sketchpad"]
    tagline = "Draw a digit. A residual network reads it while you draw."
    shown = [tag for tag in head.tags if re.match(r"description|og:|twitter:", tag[0])]
    assert shown == [
        ("description", tagline),
        ("og:type", "website"),
        ("og:title", "ResNet Sketchpad"),
        ("og:description", tagline),
        ("og:url", f"{ROOT}/"),
        ("og:image", f"{ROOT}/preview.png"),
        ("twitter:card", "summary_large_image"),
    ]
    assert "{{ as it is }}" in page
    assert "{url}" not in page
    assert "Gradio" not in "".join(content for _, content in head.tags)


def test_the_picture_of_the_preview_is_the_pages() -> None:
    response = TestClient(Starlette(routes=[document_head.route()])).get("/preview.png")
    assert response.status_code == 200
    assert response.headers["content-type"] == "image/png"
    assert response.content == document_head.PICTURE.read_bytes()


def test_gradios_first_files_are_fetched_before_its_scripts_ask_for_them() -> None:
    source = (document_head.ASSETS.parent / "index.html").read_text("utf-8")
    names = re.findall(r'href="./assets/([^"]+)"', document_head.preloads(source, document_head.ASSETS))
    assert {"index", "core", "Blocks", "HTML"} <= {name.split("-")[0] for name in names}
    assert all((document_head.ASSETS / name).is_file() for name in names)
    assert len(names) < 30
    assert document_head.preloads("<html>another page</html>", document_head.ASSETS) == ""
