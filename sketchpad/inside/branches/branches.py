"""Skip against branch: the norms of both paths of each block, and the answer with some branches removed."""

from __future__ import annotations

from markupsafe import Markup

from ...server.context import PageContext
from ...server.wire import Json, model_image
from ...ui.format import block_position
from ...ui.html import render
from ..prediction import prediction

PROJECTIONS = ("projection", "bare", "zeros")  # roles of shortcuts that change x
NOTES = {"add": "branches.veit", "cat": "branches.dense", "": "branches.plain"}


def html(context: PageContext) -> Markup:
    block_paths = context.explainer.block_paths
    ablation = context.reader.card.get("figures", {}).get("ablation") or {}
    skips = sum(path.shortcut is not None for path in block_paths)
    return render(
        "inside/branches/branches.html",
        block_paths=block_paths,
        projected=[node.block for node in context.explainer.nodes if node.role in PROJECTIONS],
        block_position=block_position,
        skips=skips,
        paths=f"{2**skips:,}" if skips <= 20 else f"2^{skips}",
        ablation=ablation,
        ablated=ablation.get("without", {}),
        notes=[NOTES[join] for join in dict.fromkeys(path.join for path in block_paths)],
    )


def response(context: PageContext, payload: object) -> Json:
    """The norms of every block's paths, and the answer ``before`` and ``after`` its branches are removed.

    ``payload`` is ``{image, off: [block, ...]}``, ``off`` the blocks without branches. The norms are those
    without them; that of a removed branch is what it would have added. Raises InputError.
    """
    explainer, image = context.explainer, model_image(payload)[None]
    off = explainer.check_blocks(payload.get("off") if isinstance(payload, dict) else None)
    whole = explainer.run(image)
    activations = explainer.run(image, off) if off else whole
    return {
        "shares": [
            {"block": norms.block, "skip": norms.shortcut, "branch": norms.branch, "cosine": norms.cosine}
            for norms in explainer.path_norms(activations)
        ],
        "before": prediction(explainer, whole),
        "after": prediction(explainer, activations),
    }
