"""The page's sentences in three languages: ``texts/LANGUAGE.json`` in the folder of each tab.

A key names a place on the page; its first word belongs to one tab. ``{name}`` is filled in where the sentence
is shown. Layer names, file names and the model's own error messages stay English in every language. English
is the reference for the keys.
"""

from __future__ import annotations

import json

from markupsafe import Markup

from .assets import read_asset

LANGUAGES = {"en": "English", "zh-Hans": "简体中文", "zh-Hant": "繁體中文"}
FOLDERS = ("ui", "draw", "inside", "architectures", "training", "play", "lesson")


def load(language: str, folders: tuple[str, ...] = FOLDERS) -> dict[str, str]:
    """Every sentence of one language by its key. A later folder's replaces an earlier one's."""
    texts: dict[str, str] = {}
    for folder in folders:
        texts |= json.loads(read_asset(f"{folder}/texts/{language}.json"))
    return texts


TEXTS = {language: load(language) for language in LANGUAGES}


def translated(tag: str, key: str, **values: object) -> Markup:
    """An element that page.js fills with the sentence ``key`` in the visitor's language."""
    return Markup("<{0} {1}></{0}>").format(tag, data_text(key, **values))


def data_text(key: str, **values: object) -> Markup:
    """The attributes that name an element's sentence for page.js: its key and the placeholders' values."""
    if not values:
        return Markup('data-text="{}"').format(key)
    data = json.dumps(values, ensure_ascii=False)
    return Markup("data-text=\"{}\" data-values='{}'").format(key, data)
