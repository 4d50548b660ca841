"""The layer table and its CSV, against what the registry declares."""

from __future__ import annotations

import csv
import io
import re

import pytest

from model import list_models
from model.graph.summary import create_uninitialized, summarise
from model.networks.registry import get_spec
from sketchpad.architectures.network_report import layer_csv
from sketchpad.architectures.tab import show_networks


@pytest.mark.parametrize("name", list_models())
def test_tables_add_up_to_what_the_registry_declares(name: str) -> None:
    spec = get_spec(name)
    response = show_networks(
        {"network": name, "channels": spec.shape[0], "size": spec.shape[1], "classes": spec.classes}
    )
    html = str(response["html"])
    total = re.search(r'class="line total">.*?<span>([\d,]+)</span><span>([\d,]+)</span>', html)
    assert total.groups() == (f"{spec.params:,}", f"{spec.macs:,}")
    cells = re.findall(r"<tr><th scope=\"row\">[\w.]+</th>(<td.*?)</tr>", html.replace("<wbr>", ""))
    rows = [re.findall(r">([\d,]+)</td>", row)[:2] for row in cells]
    sums = [sum(int(row[i].replace(",", "")) for row in rows) for i in (0, 1)]
    assert sums == [spec.params, spec.macs]
    table = list(csv.DictReader(io.StringIO(response["csv"][name])))
    assert sum(int(row["parameters"]) for row in table[:-1]) == spec.params == int(table[-1]["parameters"])
    assert sum(int(row["multiply_adds"]) for row in table[:-1]) == spec.macs
    assert sum(float(row["share_of_parameters"]) for row in table[:-1]) == pytest.approx(1, abs=1e-3)
    assert len(table) - 1 == len(rows) == html.count('<tr><th scope="row">') - html.count("versus")


def test_a_stage_has_the_receptive_field_of_its_last_block() -> None:
    """Counted by hand: behind the 11 pixels of the stem each 3×3 adds twice the stride in front of it."""
    html = show_networks({"network": "resnet50", "channels": 3, "size": 224, "classes": 1000})["html"]
    fields = re.findall(r"<span>([\d,]+)</span>\s*<span data-text=\"arch.layers.count", html)
    assert fields == ["11", "35", "91", "267", "427"]


def test_csv_describes_each_layer() -> None:
    table = list(
        csv.DictReader(
            io.StringIO(layer_csv(summarise(create_uninitialized("resnet18", 3, 1000), (3, 224, 224))))
        )
    )
    assert table[0] | {"share_of_parameters": "", "share_of_multiply_adds": ""} == {
        "layer": "stem.0",
        "kind": "Conv2d",
        "stage": "stem",
        "output_shape": "64x112x112",
        "parameters": "9408",
        "multiply_adds": "118013952",
        "receptive_field": "7",
        "share_of_parameters": "",
        "share_of_multiply_adds": "",
    }
