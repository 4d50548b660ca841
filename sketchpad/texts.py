"""Every sentence on the page, by language: one file each. English is the reference for the keys.

A key is a place on the page, not a wording. ``{name}`` is filled in where the sentence is shown.
Layer names, file names and the model's own error messages stay as they are in every language.
"""

from __future__ import annotations

import json
from html import escape

from .texts_en import EN
from .texts_zh_hans import ZH_HANS
from .texts_zh_hant import ZH_HANT

LANGUAGES = {"en": "English", "zh-Hans": "简体中文", "zh-Hant": "繁體中文"}
TEXTS = {"en": EN, "zh-Hans": ZH_HANS, "zh-Hant": ZH_HANT}


def marked(tag: str, key: str, **values: object) -> str:
    """An element that the page fills with the sentence ``key`` in the visitor's language."""
    filled = f" data-values='{escape(json.dumps(values, ensure_ascii=False))}'" if values else ""
    return f'<{tag} data-text="{key}"{filled}></{tag}>'
