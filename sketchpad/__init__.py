"""The page. Imports Gradio and `model`; does no maths."""

from .page import Page, build

__all__ = ["Page", "build"]
