"""An epoch's images: how many of each kind, which are augmented, and their size."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch
from PIL import Image

from model.datasets.augmentation import OFF
from model.datasets.mnist import Labelled
from model.training.batches import Mixture, batches, resize
from model.training.config import TrainConfig


def test_an_epoch_has_each_kind_of_image_as_often_as_configured() -> None:
    def kind(first: int, count: int) -> Labelled:
        """Images that are blank but for their number, which is their label as well."""
        numbers = torch.arange(first, first + count)
        return Labelled(numbers.to(torch.uint8)[:, None, None].expand(-1, 28, 28), numbers)

    mixture = Mixture.of(kind(0, 60), kind(60, 100), kind(160, 3))
    config = TrainConfig(batch_size=10, share=0.4, repeats=5, augmentation=OFF)
    assert (mixture.size(config), mixture.steps(config)) == (115, 11)
    shown = list(batches(mixture, config, torch.Generator().manual_seed(0)))
    assert [len(labels) for _, labels in shown] == [10] * 11
    images, labels = (torch.cat(parts) for parts in zip(*shown, strict=True))
    assert torch.equal(images[:, 14, 14].long(), labels)
    counts = labels.bincount(minlength=163)
    assert counts[:160].max() == 1
    assert counts[160:].max() == 5
    assert (counts[:60].sum(), counts[60:160].sum()) >= (55, 35)
    assert mixture.repeats(replace(config, repeats=500)) == 100 // 9  # corrections stay the fewer


def test_a_refining_epoch_augments_the_drawings_but_not_the_data_set() -> None:
    training, drawn = (
        Labelled(torch.randint(256, (20, 28, 28), dtype=torch.uint8), torch.full((20,), label))
        for label in (1, 2)
    )
    config, mixture = TrainConfig(batch_size=20, share=0.5), Mixture.of(training, drawn)
    same = {1: 0, 2: 0}
    for images, labels in batches(mixture, config, torch.Generator().manual_seed(0), refine=True):
        for image, label in zip(images, labels.tolist(), strict=True):
            same[label] += bool((image == mixture.data.images).flatten(1).all(1).any())
    assert same == {1: 20, 2: 0}
    alone = Mixture.of(training)
    (images, _), *_ = batches(alone, config, torch.Generator().manual_seed(0), refine=True)
    assert images.sum() == training.images.sum()


def test_resize_equals_pillow(mnist_test: Labelled) -> None:
    images = mnist_test.images[:20]
    for size in (20, 96):
        ours = resize(images[:, None].float(), size)[:, 0]
        theirs = [Image.fromarray(i.numpy()).resize((size, size), Image.Resampling.BILINEAR) for i in images]
        assert np.abs(ours.numpy() - np.stack(theirs)).max() < 1.01  # Pillow rounds twice
    assert resize(ours[:, None], 96).data_ptr() == ours.data_ptr()
