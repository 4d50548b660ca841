"""Damage: the answer and the accuracy with noise in the weights and with one layer at zero."""

from __future__ import annotations

from markupsafe import Markup

from model.explain.damage import Damage, removable
from model.graph.nodes import Node

from ...server.context import PageContext
from ...server.wire import Json, model_image
from ...ui.format import block_position
from ...ui.html import render
from ..prediction import prediction

SHORTCUTS = ("identity", "projection", "bare", "zeros")
DEEP = 9  # residual blocks: from here on, a single branch can be expected to matter little


def html(context: PageContext) -> Markup:
    blocks = context.explainer.block_paths
    skips = [paths for paths in blocks if paths.shortcut]
    branches = [paths.branch for paths in skips]
    return render(
        "inside/damage/damage.html",
        options=[option(node, node.output in branches) for node in removable(context.explainer)],
        blocks=len(blocks),
        note=f"damage.{'plain' if not skips else 'deep' if len(blocks) >= DEEP else 'shallow'}",
        count=context.damaged_network.count,
    )


def option(node: Node, is_branch: bool) -> Json:
    """A node as a choice: the key of its name, and the values. A block's last convolution is its branch."""
    if not node.block.startswith("stages"):
        return {"node": node.name, "text": "feature_maps.node.stem", "position": {}}
    key = "branches.switch" if is_branch else "damage.skip" if node.role in SHORTCUTS else "damage.layer"
    name = node.name.split(".")[-1]
    return {"node": node.name, "text": key, "position": {**(block_position(node.block) or {}), "name": name}}


def response(context: PageContext, payload: object) -> Json:
    """The answer for the drawing ``before`` and ``after`` the damage, and the accuracy of both networks.

    ``payload`` is ``{image, noise, seed, off}``: the share of noise from 0 to 1, and the node at zero or "".
    The accuracies, ``whole`` and ``accuracy``, are None without stored digits. Raises InputError.
    """
    image = model_image(payload)[None]
    request = payload if isinstance(payload, dict) else {}
    explainer, network = context.explainer, context.damaged_network
    damage = network.check(request.get("noise"), request.get("seed"), request.get("off"))
    return {
        "before": prediction(explainer, explainer.run(image)),
        "after": prediction(explainer, network.run(image, damage)),
        "whole": network.accuracy(Damage()),
        "accuracy": network.accuracy(damage),
    }
