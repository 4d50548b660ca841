"""Scripts as modules to test."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType


def load_script(name: str) -> ModuleType:
    """scripts/NAME.py as a module."""
    return import_module(f"scripts.{name}")
