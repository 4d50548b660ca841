"""The icons and the manifest, also behind a path prefix and on a Space."""

from __future__ import annotations

from io import BytesIO

import pytest
from gradio.routes import templates
from PIL import Image
from starlette.applications import Starlette
from starlette.testclient import TestClient

from sketchpad.icons import app_icons
from sketchpad.page import head
from sketchpad.server import document_head

SIDES = {"icon-192": 192, "icon-512": 512, "maskable-192": 192, "maskable-512": 512, "apple-touch-icon": 180}


@pytest.fixture
def client() -> TestClient:
    return TestClient(Starlette(routes=app_icons.routes()), base_url="http://pad.example")


@pytest.mark.parametrize("name", SIDES)
def test_pngs_have_their_sizes(client: TestClient, name: str) -> None:
    response = client.get(f"/icons/{name}.png")
    assert response.headers["content-type"] == "image/png"
    assert len(response.content) < 20_000
    picture = Image.open(BytesIO(response.content)).convert("RGBA")
    assert picture.size == (SIDES[name], SIDES[name])
    corner = picture.getpixel((0, 0))
    # The system cuts the corners of those that fill the square.
    assert corner[3] == (0 if name.startswith("icon") else 255)


def test_the_favicon_is_ours(client: TestClient) -> None:
    icon = client.get("/favicon.ico")
    assert icon.headers["content-type"] == "image/x-icon"
    assert Image.open(BytesIO(icon.content)).info["sizes"] == {(16, 16), (32, 32), (48, 48)}
    svg = client.get("/icons/icon.svg")
    assert svg.headers["content-type"] == "image/svg+xml"
    assert client.get("/icons/links.html").status_code == client.get("/icons/none.png").status_code == 404


def test_every_address_of_the_manifest_is_relative_and_answers(client: TestClient) -> None:
    response = client.get("/manifest.json")
    assert response.headers["content-type"] == "application/manifest+json"
    manifest = response.json()
    assert manifest["name"] == "ResNet Sketchpad"
    assert manifest["display"] == "standalone"
    assert len(manifest["short_name"]) <= 12
    addresses = [manifest[key] for key in ("id", "start_url", "scope")]
    assert addresses == ["./"] * 3
    for icon in manifest["icons"]:
        assert not icon["src"].startswith(("/", "http"))
        assert client.get(f"/{icon['src']}").headers["content-type"] == icon["type"]
    purposes = {(icon["purpose"], icon["sizes"]) for icon in manifest["icons"]}
    assert purposes >= {(kind, f"{side}x{side}") for kind in ("any", "maskable") for side in (192, 512)}


@pytest.mark.parametrize("template", ["frontend/index.html", "frontend/share.html"])
def test_the_page_links_to_our_manifest_and_icons_alone(
    template: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(templates.env, "loader", templates.env.loader)  # puts it back at the end
    document_head.replace_head(head())
    templates.env.cache.clear()
    page = templates.env.get_template(template).render(
        config={"root": "https://pad.example/here"}, gradio_api_info={}, base_url="./"
    )
    templates.env.cache.clear()
    assert page.count('rel="manifest"') == 1
    assert '<link rel="manifest" href="manifest.json"' in page
    assert page.index("<base ") < page.index('rel="manifest"') < page.index("</head>")
    assert page.count('rel="apple-touch-icon"') == 1
    assert page.count('name="theme-color"') == 2
    assert app_icons.BACKGROUND["dark"] in page
    assert "manifest" not in head()
