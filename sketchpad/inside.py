"""The Inside tab: what the residual network does with the drawing on the pad.

A frame and its sections. Each section is a module here with ``html(reader)``, its part of the page,
``asks(reader)``, what its script calls on the server, and NAME.js and NAME.css beside it. The frame tells
a section's script which digit is looked at, and only while somebody looks.
"""

from __future__ import annotations

from base64 import b64decode
from types import ModuleType

import gradio as gr
import torch
from torch import Tensor

from model import DigitReader, InputError
from model.strokes import SIZE

from .canvas import Ask, beside

SECTIONS: tuple[ModuleType, ...] = ()


def build(reader: DigitReader) -> None:
    """Fill the current tab with every section."""
    names = [section.__name__.rpartition(".")[2] for section in SECTIONS]
    sections = "".join(
        f'<section data-section="{name}" hidden>{section.html(reader)}</section>'
        for name, section in zip(names, SECTIONS, strict=True)
    )
    asks: list[Ask] = [ask for section in SECTIONS for ask in section.asks(reader)]
    gr.HTML(
        html_template=beside("inside.html").replace("@sections", sections),
        css_template="".join(beside(f"{name}.css") for name in ("inside", *names)),
        # Each section's script has a scope of its own, inside the frame's.
        js_on_load=beside("inside.js") + "".join(f"{{\n{beside(f'{name}.js')}}}\n" for name in names),
        elem_id="inside",
        elem_classes="page-tab",
        apply_default_css=False,
        server_functions=asks,
    )


def seam(payload: object) -> Tensor:
    """The seam image, uint8 [28, 28], of ``{"image": base64}`` as a client sent it; else InputError."""
    image = payload.get("image") if isinstance(payload, dict) else None
    try:
        data = b64decode(image, validate=True) if isinstance(image, str) and len(image) < 2000 else b""
    except ValueError:
        data = b""
    if len(data) != SIZE * SIZE:
        raise InputError(f"An image must be {SIZE} × {SIZE} bytes in base64.")
    return torch.frombuffer(bytearray(data), dtype=torch.uint8).view(SIZE, SIZE)
