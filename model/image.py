"""The model image: the one data type that every kind of input is converted to.

A model image is uint8 [28, 28], ink = 255, paper = 0, laid out as MNIST is: "the images were size normalized
to fit in a 20x20 pixel box while preserving their aspect ratio" and "centered in a 28x28 image by computing
the center of mass of the pixels, and translating the image so as to position this point at the center of the
28x28 field" (LeCun's MNIST page). Drawings that are far narrower or flatter than MNIST's digits are
stretched: see ``input.rasterizer.stretch``. ``to_input`` is the only normalisation in the project.
"""

from __future__ import annotations

from typing import Final

from torch import Tensor

DIGITS = 10  # classes 0 to 9
NOT_A_DIGIT = 10  # index of the class for drawings that are not digits
NOT_A_DIGIT_LABEL: Final = "not a digit"  # its label in a card, and the verdict in a reading

SIZE = 28  # side of the model image, px
BOX = 20.0  # the ink's longer side in it, px
# Pixel index of the centre of mass. Measured on the 60,000 training images: mean 14.01 horizontally and 14.00
# vertically, standard deviation 0.29, which is that of rounding to whole pixels.
CENTRE = 14.0
PEN = 2.1  # px; widths from 1.6 to 2.6 px are read about equally well

MEAN, STD = 0.1307, 0.3081  # of MNIST's 60,000 training images, scaled to 0..1
# Written into every checkpoint. A checkpoint with other values is rejected.
PREPROCESSING = {
    "size": SIZE,
    "box": BOX,
    "centre": CENTRE,
    "pen": PEN,
    "mean": MEAN,
    "std": STD,
}


def to_input(images: Tensor) -> Tensor:
    """Normalise model images, uint8 or float [N, 28, 28] in 0..255, to the input float32 [N, 1, 28, 28]."""
    return (images.unsqueeze(1).float() / 255 - MEAN) / STD
