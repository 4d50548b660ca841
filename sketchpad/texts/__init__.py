"""Every sentence on the page, in three languages: one file a part of the page.

A key is a place on the page, not a wording; its first word belongs to one file. ``{name}`` is filled in
where the sentence is shown. Layer names, file names and the model's own error messages stay as they are
in every language. English is the reference for the keys.
"""

from __future__ import annotations

import json
from html import escape

from . import architectures, branches, depth, draw, inside, page, timeline, training, walk, why

PARTS = (page, draw, inside, walk, branches, why, timeline, depth, architectures, training)
LANGUAGES = {"en": "English", "zh-Hans": "简体中文", "zh-Hant": "繁體中文"}
TEXTS: dict[str, dict[str, str]] = {
    "en": {key: text for part in PARTS for key, text in part.EN.items()},
    "zh-Hans": {key: text for part in PARTS for key, text in part.ZH_HANS.items()},
    "zh-Hant": {key: text for part in PARTS for key, text in part.ZH_HANT.items()},
}


def marked(tag: str, key: str, **values: object) -> str:
    """An element that the page fills with the sentence ``key`` in the visitor's language."""
    filled = f" data-values='{escape(json.dumps(values, ensure_ascii=False))}'" if values else ""
    return f'<{tag} data-text="{key}"{filled}></{tag}>'
