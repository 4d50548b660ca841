"""The Architectures tab in a real Chromium: choosing, sizes, the table, the file, the comparison."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page

from model.networks.registry import get_spec
from tests.browser.conftest import Open

TAB = "#architectures"


def opened(open_pad: Open, **options: object) -> Page:
    """The tab with its first report and the comparison of all networks."""
    pad = open_pad(**options)
    pad.tab("Architectures")
    pad.page.wait_for_selector(f"{TAB} .result h2")
    return pad.page


def choose(page: Page, name: str) -> None:
    page.select_option(f"{TAB} [name=network]", name)
    settled(page, name)


def settled(page: Page, name: str) -> None:
    page.wait_for_selector(f'{TAB} .result[data-network="{name}"][aria-busy="false"]')


def fact(page: Page, index: int) -> str:
    return page.locator(f"{TAB} .facts div").nth(index).locator("small").text_content() or ""


def test_nothing_is_asked_for_before_somebody_looks(open_pad: Open) -> None:
    pad = open_pad()
    assert pad.page.locator(f"{TAB} .result h2").count() == 0
    pad.tab("Architectures")
    pad.page.wait_for_selector(f"{TAB} .result h2")


@pytest.mark.parametrize("name", ["resnet50", "densenet121", "resnet152"])
def test_a_chosen_network_appears_with_its_published_figures(open_pad: Open, name: str) -> None:
    page, spec = opened(open_pad), get_spec(name)
    choose(page, name)
    assert page.input_value(f"{TAB} [name=size]") == "224"
    assert fact(page, 0) == f"{spec.params:,}"
    assert fact(page, 1) == f"{spec.macs:,}"
    assert page.locator(f"{TAB} .note").text_content().endswith(f"{spec.published_macs}.")
    stages = page.locator(f"{TAB} .stages svg")
    assert stages.locator("title").text_content() == f"The stages of {name}"
    assert "3 × 224 × 224 →" in stages.locator("desc").text_content().replace("\N{NO-BREAK SPACE}", " ")
    shown = page.locator(f"{TAB} .gallery:not([hidden])")
    assert shown.locator("svg").count() == 2
    page.get_by_role("button", name="Stage 1", exact=True).click()
    assert shown.get_attribute("data-stage") == "0"
    assert (
        shown.locator("desc")
        .first.text_content()
        .startswith("Input 64 ×".replace(" ×", "\N{NO-BREAK SPACE}×"))
    )


def test_another_size_changes_the_work_and_not_the_weights(open_pad: Open) -> None:
    page, spec = opened(open_pad), get_spec("resnet50")
    choose(page, "resnet50")
    page.fill(f"{TAB} [name=size]", "448")
    page.wait_for_function("document.querySelector('#architectures svg desc').textContent.includes('448')")
    assert fact(page, 0) == f"{spec.params:,}"
    linear = 2048 * 1000  # the classifier does not grow with the image
    assert fact(page, 1) == f"{4 * (spec.macs - linear) + linear:,}"
    page.get_by_role("button", name="As published").click()
    page.wait_for_function("document.querySelector('#architectures svg desc').textContent.includes('224')")
    assert fact(page, 1) == f"{spec.macs:,}"


def test_too_small_a_size_is_told_and_mended_by_a_click(open_pad: Open) -> None:
    page = opened(open_pad)
    choose(page, "resnet50")
    page.fill(f"{TAB} [name=size]", "16")
    page.get_by_text("From 17 × 17 on").wait_for()
    page.select_option(f"{TAB} [name=network]", "densenet121")
    page.wait_for_selector(f"{TAB} .problem p")
    said = page.get_by_role("alert").filter(has_text="densenet121").text_content()
    smallest = re.search(r"at least (\d+) × \1", said)[1]
    page.get_by_role("button", name=f"Use {smallest}").click()
    page.wait_for_selector(f"{TAB} .problem p", state="detached")
    assert page.input_value(f"{TAB} [name=size]") == smallest
    for nonsense in ("", "0", "2.5", "99999999"):
        page.fill(f"{TAB} [name=size]", nonsense)
        page.wait_for_selector(f"{TAB} .problem p")
        page.fill(f"{TAB} [name=size]", "64")
        page.wait_for_selector(f"{TAB} .problem p", state="detached")


def test_the_table_unfolds_and_downloads(open_pad: Open, tmp_path: Path) -> None:
    page, spec = opened(open_pad), get_spec("densenet121")
    choose(page, "densenet121")
    assert page.locator(f"{TAB} .layers tbody tr:visible").count() == 0
    page.get_by_role("button", name="Expand all").click()
    rows = page.locator(f"{TAB} .layers tbody tr")
    counts = rows.evaluate_all("rows => rows.map((r) => Number(r.cells[1].textContent.replaceAll(',', '')))")
    assert sum(counts) == spec.params
    assert rows.last.is_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download CSV").click()
    file = tmp_path / "layers.csv"
    download.value.save_as(file)
    assert download.value.suggested_filename == "densenet121-3x224x224.csv"
    with file.open(encoding="utf-8", newline="") as lines:
        table = list(csv.DictReader(lines))
    assert len(table) == len(counts) + 1
    assert (
        int(table[-1]["multiply_adds"]) == spec.macs == sum(int(row["multiply_adds"]) for row in table[:-1])
    )


def test_two_networks_stand_side_by_side(open_pad: Open) -> None:
    page = opened(open_pad)
    choose(page, "resnet18")
    page.select_option(f"{TAB} [name=beside]", "densenet121")
    page.wait_for_selector(f'{TAB} article[data-network="densenet121"]')
    left, right = (page.locator(f"{TAB} article").nth(index).bounding_box() for index in (0, 1))
    assert left["y"] == right["y"]
    assert left["x"] + left["width"] <= right["x"]
    assert page.locator(f"{TAB} .versus tbody tr").count() == 3


def test_the_zoo_sorts_and_a_name_leads_to_its_network(open_pad: Open) -> None:
    page = opened(open_pad)
    page.wait_for_selector(f"{TAB} .comparison tbody tr")
    heads = page.locator(f"{TAB} .comparison thead th")
    heads.nth(3).locator("button").click()
    assert heads.nth(3).get_attribute("aria-sort") == "ascending"
    column = "rows => rows.map((r) => Number(r.cells[3].dataset.value))"
    rows = page.locator(f"{TAB} .comparison tbody tr")
    params = rows.evaluate_all(column)
    assert params == sorted(params)
    heads.nth(3).locator("button").click()
    assert rows.evaluate_all(column) == sorted(params, reverse=True)
    heads.nth(7).locator("button").click()  # what has no figure stands last
    assert re.fullmatch(r"[\d.e+]+ ms", rows.first.locator("td").nth(6).text_content())
    page.locator(f'{TAB} .comparison button[data-choose="plain20"]').click()
    settled(page, "plain20")
    assert page.input_value(f"{TAB} [name=size]") == "32"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360])
def test_it_fits_and_can_be_read(open_pad: Open, shots: Path, scheme: str, width: int) -> None:
    page = opened(open_pad, color_scheme=scheme, viewport={"width": width, "height": 800})
    for name in ("resnext50_32x4d", "densenet121"):
        choose(page, name)
        page.wait_for_selector(f"{TAB} .comparison tbody tr")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        outside = page.locator(f"{TAB} svg.diagram:visible").evaluate_all(
            """svgs => svgs.flatMap((svg) => {
              const box = svg.getBoundingClientRect();
              return [...svg.querySelectorAll("text")].filter((text) => {
                const own = text.getBoundingClientRect();
                return own.left < box.left - 1 || own.right > box.right + 1;
              }).map((text) => text.textContent);
            })"""
        )
        assert outside == []
        spilt = page.locator(f"{TAB} .gallery:not([hidden]) svg").evaluate_all(
            """svgs => svgs.flatMap((svg) => [...svg.querySelectorAll("rect.op")].filter((rect) => {
              const box = rect.getBoundingClientRect();
              const own = rect.nextElementSibling.getBoundingClientRect();
              return own.left < box.left || own.right > box.right;
            }).map((rect) => rect.nextElementSibling.textContent))"""
        )
        assert spilt == []
        page.screenshot(path=shots / f"architectures-{name}-{width}-{scheme}.png", full_page=True)


def test_it_speaks_the_visitors_language(open_pad: Open) -> None:
    page = opened(open_pad, locale="zh-CN")
    assert page.locator(f"{TAB} optgroup").first.get_attribute("label") == "本项目"
    assert "卷积" in page.locator(f"{TAB} .blocks svg").first.text_content()
    page.select_option("#language", "en")
    assert page.locator(f"{TAB} optgroup").first.get_attribute("label") == "This project"
    assert "convolution" in page.locator(f"{TAB} .blocks svg").first.text_content()
