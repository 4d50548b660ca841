"""The tags of the served page that chats and search engines show."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from gradio.routes import templates
from starlette.applications import Starlette
from starlette.testclient import TestClient

from sketchpad.server import link_preview

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
    link_preview.replace_preview()
    link_preview.replace_preview()  # a second launch changes nothing
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
    assert "{url}" not in page
    assert "Gradio" not in "".join(content for _, content in head.tags)


def test_the_picture_of_the_preview_is_the_pages() -> None:
    response = TestClient(Starlette(routes=[link_preview.route()])).get("/preview.png")
    assert response.status_code == 200
    assert response.headers["content-type"] == "image/png"
    assert response.content == link_preview.PICTURE.read_bytes()
