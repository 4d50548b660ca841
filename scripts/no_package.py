"""The build backend of pyproject.toml, which builds nothing: CONTRIBUTING.md says why."""

from __future__ import annotations

from typing import NoReturn

SENTENCE = "ResNet Sketchpad is not a package: run it from its folder, with `make run` or as README.md says."


def build_wheel(*_: object) -> NoReturn:
    raise SystemExit(SENTENCE)


get_requires_for_build_wheel = prepare_metadata_for_build_wheel = build_wheel
get_requires_for_build_editable = build_editable = build_sdist = build_wheel
