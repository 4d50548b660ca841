"""The Inside tab's feature maps and branches in a browser: with mouse, keyboard and finger."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from playwright.sync_api import Browser, Locator, Page, Request

from model import DigitReader, create_model, save_checkpoint
from model.explain.activations import Explainer
from model.image import PREPROCESSING
from tests.browser.axe import violations
from tests.browser.conftest import Open, listen
from tests.browser.hand import DIGITS, Drawing, moved
from tests.browser.pen import Pad
from tests.browser.serve import served
from tests.browser.test_draw import PHONE
from tests.helpers.paths import CHECKPOINT

WALK, BRANCHES = '[data-section="feature_maps"]', '[data-section="branches"]'
VIEWS = {"desktop": {"viewport": {"width": 1280, "height": 800}}, "phone": PHONE}
SEVEN, THREE = DIGITS[7]["crossed"], DIGITS[3]["round"]


@pytest.fixture(scope="module")
def taken_apart() -> Explainer:
    """The network that is served, taken apart without the page."""
    return Explainer(DigitReader.load(CHECKPOINT, "cpu"))


def inside(pad: Pad, drawing: Drawing) -> Page:
    """The tab, once it has answered for ``drawing``."""
    if pad.state != "blank":
        pad.tab("Draw")
        pad.tool("Clear")
    pad.draw(drawing)
    label = pad.final()
    pad.tab("Inside")
    settled(pad.page)
    assert pad.page.locator("#inside .digits button").last.text_content() == label[-1]
    return pad.page


def settled(page: Page) -> None:
    """Once both sections stand by what they show."""
    page.wait_for_function(
        """() => document.querySelector('[data-section="feature_maps"] .tiles button')
            && !document.querySelector('#inside section.waiting')"""
    )


def choose(page: Page, node: str) -> None:
    page.locator(f'{WALK} [data-node="{node}"]').click()
    settled(page)


def box(page: Page, which: str) -> list[int]:
    """The pixels that an outline frames: left, top, width, height."""
    return [int(n) for n in page.locator(f"{WALK} .{which} i").get_attribute("data-box").split(",")]


def point(canvas: Locator, across: float, down: float) -> None:
    """The mouse over a share of a canvas's width and height."""
    canvas.scroll_into_view_if_needed()
    area = canvas.bounding_box()
    canvas.page.mouse.move(area["x"] + across * area["width"], area["y"] + down * area["height"])


def thumbnails(page: Page) -> list[str]:
    return page.locator(f"{WALK} [data-node] canvas").evaluate_all("all => all.map((c) => c.toDataURL())")


def seen(taken_apart: Explainer, node: str, row: int, column: int) -> list[int]:
    size, jump, start = taken_apart.node(node).receptive_field or (28, 0, 0)
    low = [max(0, start + at * jump) for at in (column, row)]
    high = [min(28, start + at * jump + size) for at in (column, row)]
    return [*low, high[0] - low[0], high[1] - low[1]]


def model_image(page: Page, reader: DigitReader) -> torch.Tensor:
    """What the network was given, as the tab shows it: uint8 [1, 28, 28]."""
    image = page.locator("#inside .model-image").evaluate(
        """(canvas) => {
            const copy = new OffscreenCanvas(28, 28);
            const view = copy.getContext('2d', { willReadFrequently: true });
            view.drawImage(canvas, 0, 0);
            return [...view.getImageData(0, 0, 28, 28).data].filter((_, i) => i % 4 === 0);
        }"""
    )
    return torch.tensor(image, dtype=torch.uint8).view(1, 28, 28)


def test_the_strip_is_the_network_that_is_loaded(open_pad: Open, taken_apart: Explainer) -> None:
    page = inside(open_pad(), SEVEN)
    nodes = page.locator(f"{WALK} [data-node]")
    names = nodes.evaluate_all("all => all.map((node) => node.dataset.node)")
    assert sorted(names) == sorted(node.name for node in taken_apart.nodes)
    blocks = page.locator(f"{WALK} .module")
    assert blocks.count() == len(taken_apart.block_paths)
    assert blocks.first.get_attribute("aria-label") == "Stage 1, block 1"
    labels = blocks.first.locator("button span").all_text_contents()
    assert labels == ["conv 1", "conv 2", "skip", "add"]
    assert len(set(thumbnails(page))) >= len(names) - 2  # each with a map of its own
    for name in names:
        choose(page, name)
        node = taken_apart.node(name)
        shape = " × ".join(map(str, node.shape)).replace(" ", "\N{NO-BREAK SPACE}")
        assert page.locator(f"{WALK} .shape").text_content() == shape
        assert page.locator(f"{WALK} .params").text_content() == f"{node.params:,}"
        does = page.locator(f"{WALK} .does").text_content()
        assert len(does) > 40
        assert ("set to zero (ReLU)" in does) == (node.output.kind in ("ReLU", "relu"))
        assert page.locator(f"{WALK} .tiles button").count() == min(16, node.shape[0])


def test_maps_are_counted_zoomed_and_read_off(open_pad: Open, taken_apart: Explainer) -> None:
    page = inside(open_pad(), SEVEN)
    choose(page, "stages.2.0.conv2")
    tiles = page.locator(f"{WALK} .tiles button")
    for count, there in (("8", 8), ("32", 32), ("all", 128), ("16", 16)):
        page.locator(f"{WALK} .counts").get_by_text(count, exact=True).click()
        page.wait_for_function(
            f"n => document.querySelectorAll('{WALK} .tiles button').length === n", arg=there
        )
    known = taken_apart.run(model_image(page, taken_apart.reader))
    maps = known[taken_apart.node("stages.2.0.conv2").output][0].numpy()
    strengths = np.sqrt((maps**2).mean((1, 2)))
    said = [re.fullmatch(r"(\d+): ([\d.]+)", text) for text in tiles.locator("span").all_text_contents()]
    assert [int(each[1]) for each in said] == np.argsort(-strengths)[:16].tolist()
    tiles.nth(5).click()
    settled(page)
    channel = int(said[5][1])
    canvas = page.locator(f"{WALK} .map canvas")
    for row, column in ((0, 0), (2, 5), (6, 6)):
        point(canvas, (column + 0.5) / 7, (row + 0.5) / 7)
        told = page.locator(f"{WALK} .pixel").text_content().replace("−", "-")
        found = re.search(
            r"Map (\d+), row (\d), column (\d): (-?[\d.]+)\. Receptive field: (\d+) × (\d+)", told
        )
        assert [int(found[n]) for n in (1, 2, 3)] == [channel, row + 1, column + 1]
        assert float(found[4]) == pytest.approx(maps[channel, row, column], rel=6e-3, abs=1e-3)
        assert box(page, "map") == [column, row, 1, 1]
        assert box(page, "drawn") == seen(taken_apart, "stages.2.0.conv2", row, column)
        assert [int(found[n]) for n in (5, 6)] == box(page, "drawn")[2:]


def test_a_pixel_of_any_map_outlines_what_it_sees(open_pad: Open, taken_apart: Explainer) -> None:
    page = inside(open_pad(), SEVEN)
    tile = page.locator(f"{WALK} .tiles button canvas").nth(3)
    point(tile, 10.5 / 28, 4.5 / 28)
    assert box(page, "drawn") == seen(taken_apart, "stem.0", 4, 10)
    choose(page, "fc")
    assert box(page, "drawn") == [0, 0, 28, 28]
    assert "the whole image" in page.locator(f"{WALK} .pixel").text_content()
    assert page.locator(f"{WALK} .tiles span").first.text_content().startswith("7: ")  # the answer first


def test_the_walk_goes_by_keys_alone(open_pad: Open, taken_apart: Explainer) -> None:
    page = inside(open_pad(), SEVEN)
    page.locator(f'{WALK} [data-node="stem.0"]').focus()

    def here() -> str:
        settled(page)
        node, chosen = page.evaluate(
            """() => [document.activeElement.dataset.node,
                document.querySelector('#inside .track [aria-pressed="true"]').dataset.node]"""
        )
        assert node == chosen
        return node

    visited = []
    for key in ("ArrowRight", "ArrowUp", "ArrowDown", "End", "ArrowRight", "ArrowLeft", "Home"):
        page.keyboard.press(key)
        visited.append(here())
    first = "stages.0.0"
    assert visited == [f"{first}.conv1", f"{first}.shortcut", f"{first}.conv1", "fc", "fc", "pool", "image"]
    page.keyboard.press("ArrowRight")
    assert here() == "stem.0"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('.map') !== null")
    page.keyboard.press("ArrowRight")
    before = box(page, "map")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowUp")
    left, top, *_ = box(page, "map")
    assert [left, top] == [before[0] - 1, max(0, before[1] - 1)]
    assert box(page, "drawn") == seen(taken_apart, "stem.0", top, left)
    for _ in range(5):  # four numbers of maps, and the maps, which are one stop
        page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    settled(page)
    tiles = page.locator(f"{WALK} .tiles button")
    assert tiles.nth(1).get_attribute("aria-pressed") == "true"
    assert tiles.nth(1).evaluate("tile => tile === document.activeElement")


def test_it_follows_the_pad_and_keeps_one_scale(open_pad: Open) -> None:
    pad = open_pad()
    page = inside(pad, SEVEN)
    choose(page, "stages.0.0.add")
    before, scale = thumbnails(page), page.locator(f"{WALK} .legend .high").text_content()
    inside(pad, THREE)
    assert all(a != b for a, b in zip(before[1:], thumbnails(page)[1:], strict=True))
    assert page.locator(f"{WALK} .legend .high").text_content() == scale
    assert (
        page.locator(f'{WALK} [aria-pressed="true"][data-node]').get_attribute("data-node")
        == "stages.0.0.add"
    )
    inside(pad, [*moved(SEVEN, 0.45, 0, 80), *moved(THREE, 0.45, 140, 80)])
    digits = page.locator("#inside .digits button")
    assert digits.all_text_contents() == ["7", "3"]
    second = thumbnails(page)
    digits.first.click()
    settled(page)
    assert thumbnails(page) != second


def test_a_blank_pad_gets_one_sentence_and_no_complaint(open_pad: Open) -> None:
    pad = open_pad()
    pad.tab("Inside")
    said = []
    for _ in range(2):
        pad.page.locator("#inside p.none").wait_for()
        pad.page.wait_for_timeout(300)  # nothing shall come
        said.append(pad.page.locator("#inside p.none:visible, #inside .problem:visible").all_text_contents())
        pad.tab("Draw")
        inside(pad, SEVEN)
        assert pad.page.locator("#inside p.none").is_hidden()
        pad.tab("Draw")
        pad.tool("Clear")
        pad.tab("Inside")
    assert said == [["Draw something on the Draw tab first."]] * 2


def test_maps_change_their_colours_with_the_theme(open_pad: Open) -> None:
    pad = open_pad(color_scheme="light")
    page = inside(pad, SEVEN)
    light = thumbnails(page)
    page.evaluate("document.body.classList.toggle('dark')")
    page.wait_for_function(
        "light => document.querySelector('#inside [data-node] canvas').toDataURL() !== light", arg=light[0]
    )
    settled(page)
    assert not set(light) & set(thumbnails(page))


def test_nothing_is_asked_for_where_nobody_looks(open_pad: Open) -> None:
    pad = open_pad()
    asked: list[str] = []

    def note(request: Request) -> None:
        asked.extend(re.findall(r'"(feature_maps|branches)"', request.post_data or ""))

    pad.page.on("request", note)
    inside(pad, SEVEN)
    assert sorted(asked) == ["branches", "feature_maps"]
    pad.tab("Draw")
    pad.tool("Clear")
    pad.draw(THREE)
    pad.final()
    pad.page.wait_for_timeout(300)
    assert len(asked) == 2
    pad.tab("Inside")
    settled(pad.page)
    assert len(asked) == 4


def test_a_branch_switched_off_moves_the_bars(open_pad: Open, taken_apart: Explainer) -> None:
    page = inside(open_pad(), SEVEN)
    known = taken_apart.run(model_image(page, taken_apart.reader))
    rows = page.locator(f"{BRANCHES} [data-block]")
    for row, share in zip(rows.all(), taken_apart.path_norms(known), strict=True):
        shown = [text.replace("−", "-") for text in row.locator("[data-share] b").all_text_contents()]
        wanted = [share.shortcut, share.branch, share.cosine]
        assert [float(text) for text in shown] == pytest.approx(wanted, rel=6e-3, abs=6e-3)
    line = page.locator(f"{BRANCHES} .change")
    assert line.text_content().startswith("All branches are on. The prediction is 7")
    off: list[str] = []
    for index in (0, 2):
        rows.nth(index).get_by_role("switch").click()
        settled(page)
        off.append(taken_apart.block_paths[index].block)
        (probabilities,), _ = taken_apart.classify(
            taken_apart.run(model_image(page, taken_apart.reader), off)
        )
        page.wait_for_timeout(300)  # the bars take 200 ms
        widths = page.locator(f"{BRANCHES} .bars li").evaluate_all(
            """all => all.map((li) => li.querySelector('.after').getBoundingClientRect().width
                / li.querySelector('.track').getBoundingClientRect().width)"""
        )
        assert widths == pytest.approx(probabilities.tolist(), abs=0.005)
        assert re.match(
            r"Without the branch of Stage 1, block 1.* the prediction (stays the same|changes): ",
            line.text_content(),
        )
    assert "Stage 1, block 1 and Stage 3, block 1" in line.text_content()
    page.get_by_role("button", name="All branches on").click()
    settled(page)
    assert line.text_content().startswith("All branches are on")
    assert page.evaluate("document.activeElement.getAttribute('role')") == "switch"  # the focus is not lost


def test_a_branch_is_switched_by_key_and_stays_off_for_the_next_drawing(open_pad: Open) -> None:
    pad = open_pad()
    page = inside(pad, SEVEN)
    switch = page.get_by_role("switch", name="Branch of stage 2, block 1")
    switch.focus()
    page.keyboard.press("Space")
    settled(page)
    inside(pad, THREE)
    assert not switch.is_checked()
    assert "Without the branch of Stage 2, block 1" in page.locator(f"{BRANCHES} .change").text_content()


def test_a_server_that_fell_silent_is_told_and_asked_again(open_pad: Open) -> None:
    pad = open_pad(quiet=False)
    page = inside(pad, SEVEN)
    page.route("**/component_server/**", lambda route: route.abort())
    page.locator(f'{WALK} [data-node="pool"]').click()
    page.wait_for_selector("#inside > * .problem:not([hidden])")
    page.unroute("**/component_server/**")
    choose(page, "fc")
    assert page.locator("#inside .problem").is_hidden()
    assert page.locator(f"{WALK} .tiles button").count() == 11


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_and_axe_finds_nothing_wrong(open_pad: Open, shots: Path, view: str, scheme: str) -> None:
    pad = open_pad(color_scheme=scheme, reduced_motion="reduce", **VIEWS[view])
    page = inside(pad, SEVEN)
    choose(page, "stages.1.0.add")
    page.get_by_role("switch").first.click()
    settled(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]
    own = page.locator(f"{WALK} button:visible, {WALK} .map canvas, {BRANCHES} button, {BRANCHES} label")
    sizes = own.evaluate_all(
        "all => all.map((e) => e.getBoundingClientRect()).map((r) => [r.width, r.height])"
    )
    assert min(min(size) for size in sizes) >= 44
    spilt = page.locator(f"{WALK}, {BRANCHES}").evaluate_all(
        """all => all.flatMap((section) => [...section.querySelectorAll('p, h3, h4, dd, dt, .shares')]
            .filter((e) => e.scrollWidth > e.clientWidth + 1).map((e) => e.className + e.textContent))"""
    )
    assert spilt == []
    page.screenshot(path=shots / f"inside-{view}-{scheme}.png", full_page=True)
    assert [where for where in violations(page) if "feature_maps" in where or "branches" in where] == []
    assert violations(page) == []


def test_a_finger_walks_it(open_pad: Open) -> None:
    pad = open_pad(**PHONE)
    pad.touch(SEVEN)
    pad.final()
    pad.tab("Inside")
    page = pad.page
    settled(page)
    strip = page.locator(f"{WALK} .strip")
    assert strip.evaluate("s => s.scrollWidth > s.clientWidth")
    last = page.locator(f'{WALK} [data-node="fc"]')
    last.scroll_into_view_if_needed()
    page.wait_for_timeout(500)  # the strip glides there, and a tap on something that moves is none
    last.tap()
    page.locator(f"{WALK} .name", has_text="classifier").wait_for()
    page.locator(f'{WALK} [data-node="stem.0"]').tap()
    page.locator(f"{WALK} .name", has_text="stem").wait_for()
    settled(page)
    page.locator(f"{WALK} .tiles button").nth(4).tap()
    settled(page)
    zoom = page.locator(f"{WALK} .map canvas")
    side = zoom.bounding_box()["width"]
    zoom.tap(position={"x": 0.9 * side, "y": 0.1 * side})
    page.locator(f'{WALK} .map i[data-box^="25,2,"]').wait_for()
    page.locator(f"{BRANCHES} label").nth(1).tap()
    page.locator(f"{BRANCHES} .change", has_text="Stage 2, block 1").wait_for()


def test_it_speaks_the_visitors_language(open_pad: Open) -> None:
    page = inside(open_pad(locale="zh-CN"), SEVEN)
    assert page.locator(f"{WALK} .name").text_content() == "起始层"
    assert "全部分支均已开启" in page.locator(f"{BRANCHES} .change").text_content()
    page.select_option("#language", "en")
    assert page.locator(f"{WALK} .name").text_content() == "stem"
    page.wait_for_function(
        f"document.querySelector('{BRANCHES} .change').textContent.startsWith('All branches')"
    )
    page.locator(f"{WALK} .pixel", has_text="Map ").wait_for()


@pytest.fixture(params=["resnet20", "plain20"])
def other(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The page with another network of the registry, untrained."""
    torch.manual_seed(0)
    net = create_model(request.param)
    card = {
        "arch": {"name": request.param, "in_channels": 1, "num_classes": 10},
        "preprocessing": PREPROCESSING,
        "calibration": {"temperature": 1.0, "not_digit": 0.5, "unsure": 0.1},
        "config": {"epochs": 0, "seed": 0},
        "figures": {},
        "history": [],
        "seed": 0,
        "hardware": "none",
        "versions": {"torch": torch.__version__},
        "commit": "none",
    }
    path = tmp_path / "other.safetensors"
    save_checkpoint(path, net.state_dict(), card)
    monkeypatch.setenv("SKETCHPAD_CHECKPOINT", str(path))
    with served() as address:
        yield address


@pytest.mark.slow
def test_another_network_of_the_zoo_is_walked_too(browser: Browser, other: str, shots: Path) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 800}, locale="en-US")
    complaints: list[str] = []
    listen(page, other, complaints)
    page.goto(other)
    pad = Pad(page)
    pad.ready()
    pad.draw(SEVEN)
    pad.final()
    pad.tab("Inside")
    settled(page)
    assert page.locator(f"{WALK} .module").count() == 9
    skips, switches = page.locator(f"{WALK} [data-skip]").count(), page.get_by_role("switch").count()
    assert (skips, switches) in ((9, 9), (0, 0))
    if not skips:
        assert "It is a plain network" in page.locator(WALK).text_content()
        assert "has no skip connections" in page.locator(BRANCHES).text_content()
        assert page.locator(f"{BRANCHES} .effect").is_hidden()
    choose(page, "stages.1.0.conv1")
    assert page.locator(f"{WALK} .tiles button").count() == 16
    page.screenshot(path=shots / f"inside-{'plain' if not skips else 'resnet20'}.png", full_page=True)
    assert violations(page) == []
    assert complaints == []
    page.close()
