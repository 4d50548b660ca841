"""The smallest change of a drawing that the network reads as another digit."""

from __future__ import annotations

from markupsafe import Markup
from torch import Tensor

from model.image import SIZE

from ...server.context import PageContext
from ...server.wire import Json, model_image, to_base64
from ...ui.html import render
from ..prediction import prediction
from ..sprite_sheet import levels, sprite


def html(context: PageContext) -> Markup:
    return render("inside/attack/attack.html")


def response(context: PageContext, payload: object) -> Json:
    """The drawing's answer ``before``, and ``after`` the smallest change found to the digit ``target``.

    ``payload`` is ``{image, target}``; the default target is the likeliest other digit. ``after`` is None if
    no change was found. ``size`` is the L2 norm of the change with grey levels from 0 to 1, ``pixels`` the
    number of pixels from white to black with the same norm. ``largest`` is that of one pixel, in grey levels
    from 0 to 255 and the end of the sprite's colour scale. Raises InputError.
    """
    image = model_image(payload)
    target = payload.get("target") if isinstance(payload, dict) else None
    attack = context.attacker.attack(image, target)
    response: Json = {"target": attack.target, "before": answer(context, image), "after": None}
    if attack.image is None:
        return response
    difference = attack.image.float() - image.float()
    largest = int(difference.abs().max())
    url, (box,) = sprite([levels(difference.numpy(), max(largest, 1))])
    return response | {
        "after": answer(context, attack.image),
        "image": to_base64(attack.image.numpy()),
        "sprite": url,
        "box": box,
        "size": attack.size,
        "pixels": attack.size**2,
        "largest": largest,
        "changed": int((difference != 0).sum()),
        "all": SIZE * SIZE,
    }


def answer(context: PageContext, image: Tensor) -> Json:
    """The network's answer for one image, uint8 [28, 28]."""
    return prediction(context.explainer, context.explainer.run(image[None]))
