"""Evidence maps: completeness, finite differences, Grad-CAM by hand, and other maps for other weights."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from model import DigitReader, InputError, create_model
from model.datasets.mnist import load_mnist, split
from model.explain.attribution import (
    FAINT,
    STEPS,
    Attribution,
    cell_interpolation,
    path_points,
    with_last_maps,
)
from model.image import to_input
from model.inference.checkpoint import Card


@pytest.fixture(scope="module")
def images(mnist_root: object) -> Tensor:
    """Validation images: the test set decides nothing."""
    _, held = split(load_mnist(mnist_root, train=True))
    return held.images[:8]


def logits_of(reader: DigitReader, inputs: Tensor) -> Tensor:
    """Logits of the network as trained, divided by the temperature."""
    return reader.net(inputs) / reader.card["calibration"]["temperature"]


def test_the_path_points_integrate_linear_pieces_exactly() -> None:
    for count in (3, 8, STEPS, 100):
        at, weights = path_points(count)
        assert (at[0], weights[0]) == (1, 0)
        assert len(at) == len(weights) == count
        assert at.min() > 0
        assert weights.sum().item() == pytest.approx(1)
        assert (weights @ at).item() == pytest.approx(1 / 2)
        assert (weights @ (at - FAINT).abs()).item() == pytest.approx((FAINT**2 + (1 - FAINT) ** 2) / 2)
    assert (at[1:] < FAINT).sum() == 82


@pytest.mark.slow
def test_the_sum_of_a_map_equals_the_rise_of_the_logit(trained: DigitReader, images: Tensor) -> None:
    """Completeness; the error printed on the page is this one, and falls with more steps."""
    attribution = Attribution(trained)
    paper = to_input(torch.zeros(1, 28, 28, dtype=torch.uint8))
    errors = {steps: [] for steps in (STEPS, 100)}
    for image in images:
        for steps, found in errors.items():
            evidence = attribution.explain(image, steps=steps)
            classes = [evidence.label, evidence.other]
            with torch.no_grad():
                rise = (logits_of(trained, to_input(image[None])) - logits_of(trained, paper))[0, classes]
            error = evidence.integrated.sum((1, 2)) - rise
            torch.testing.assert_close(evidence.completeness_error, error, atol=1e-3, rtol=0)
            found += error.abs().tolist()
    medians = {steps: float(np.median(found)) for steps, found in errors.items()}
    print(f"\ncompleteness error, median of {len(errors[STEPS])} maps, nats by steps: {medians}")
    assert medians[STEPS] < 0.6
    assert medians[100] < 0.12


def test_integrated_gradients_against_finite_differences(trained: DigitReader, images: Tensor) -> None:
    """The slope at each point of the path towards one pixel, by differences in float64."""
    net = copy.deepcopy(trained.net).double()
    paper = to_input(torch.zeros(1, 28, 28, dtype=torch.uint8)).double()
    image = images[0]
    evidence = Attribution(trained).explain(image)
    drawn = to_input(image[None]).double() - paper
    at, weights = (each.double() for each in path_points(STEPS))
    path = paper + at[:, None, None, None] * drawn
    width = 1e-6
    for pixel in image.flatten().nonzero().flatten()[::12].tolist():
        nudge = torch.zeros(1, 1, 28, 28, dtype=torch.float64)
        nudge.view(-1)[pixel] = width
        with torch.no_grad():
            slopes = (net(path + nudge) - net(path - nudge))[:, evidence.label] / (2 * width)
        slope = (weights @ slopes).item() / trained.card["calibration"]["temperature"]
        found = evidence.integrated[0].flatten()[pixel].item()
        assert found == pytest.approx(slope * drawn.flatten()[pixel].item(), abs=2e-3)


def test_the_third_map_is_the_difference_of_the_other_two(trained: DigitReader, images: Tensor) -> None:
    evidence = Attribution(trained).explain(images[4])  # it has no two pixels of the same absolute value
    for method in ("integrated", "grad_cam"):
        (one, other, over), limit = evidence.maps(method)
        torch.testing.assert_close(over, one - other)
        beyond = sum(int((each.abs() > limit).sum()) for each in (one, other, over))
        assert beyond == pytest.approx(0.005 * 3 * 784, abs=1)


def test_blank_pixels_are_no_evidence(trained: DigitReader, images: Tensor) -> None:
    evidence = Attribution(trained).explain(images[1])
    assert evidence.integrated[:, images[1] == 0].abs().max() == 0
    assert evidence.integrated[:, images[1] > 200].abs().min() > 0


def test_grad_cam_by_hand(trained: DigitReader, images: Tensor) -> None:
    """Selvaraju et al. 2017, eq. 1 and 2, on the network as trained; and in closed form: behind an average
    pool and one linear layer the weights of the sum are the classifier's own."""
    for image in images[:4]:
        evidence = Attribution(trained).explain(image, other=3)
        maps = trained.net.stages(trained.net.stem(to_input(image[None])))
        maps.retain_grad()
        temperature = trained.card["calibration"]["temperature"]
        logits = trained.net.fc(trained.net.pool(maps).flatten(1)) / temperature
        for place, number in enumerate((evidence.label, evidence.other)):
            maps.grad = None
            logits[0, number].backward(retain_graph=True)
            weights = maps.grad[0].mean((1, 2))
            by_hand = (weights[:, None, None] * maps[0]).sum(0)
            torch.testing.assert_close(evidence.grad_cam_cells[place], by_hand.detach(), atol=1e-4, rtol=1e-4)
            whole = evidence.grad_cam_cells[place].sum() + trained.net.fc.bias[number].detach() / temperature
            assert whole.item() == pytest.approx(logits[0, number].item(), abs=1e-3)
        torch.testing.assert_close(evidence.features, maps.mean((2, 3))[0].detach(), atol=1e-4, rtol=1e-4)


def test_a_cell_lies_at_the_centre_of_its_receptive_field() -> None:
    """The centre of the pixels that the cell depends on, found by gradient."""
    net = create_model("mnist_resnet", 1, 11).eval()
    weights = cell_interpolation(net)[0]
    assert weights.shape == (28, 4)
    torch.testing.assert_close(weights.sum(1), torch.ones(28))
    wide = torch.randn(1, 1, 224, 224).requires_grad_()  # far from every edge
    for layer in (m for m in net.modules() if isinstance(m, nn.BatchNorm2d)):
        nn.init.uniform_(layer.weight, 0.5, 1)
        nn.init.constant_(layer.bias, 3.0)  # every ReLU is open
    maps = net.stages(net.stem(wide))
    (slope,) = torch.autograd.grad(maps[0, :, 14, 14].sum(), wide)
    seen = slope[0, 0].abs().sum(0).nonzero().flatten()
    middle = (seen.min() + seen.max()).item() / 2
    assert middle == 14 * 8  # cell 14 of strides 2 × 2 × 2
    for cell in range(4):
        assert weights[8 * cell, cell] == 1


def test_the_runner_up_is_compared_by_default(trained: DigitReader, images: Tensor) -> None:
    attribution = Attribution(trained)
    evidence = attribution.explain(images[0])
    order = trained.read_batch(images[:1])[0][0].argsort(descending=True).tolist()
    assert [evidence.label, evidence.other] == order[:2]
    assert attribution.explain(images[0], other=order[7]).other == order[7]
    assert attribution.explain(images[0], other=order[0]).other == order[1]
    for nonsense in (10, -1, True, 2.0, "3"):
        with pytest.raises(InputError, match="0 to 9"):
            attribution.explain(images[0], other=nonsense)


def test_log_odds_are_those_of_the_reader(trained: DigitReader, images: Tensor) -> None:
    evidence = Attribution(trained).explain(images[2])
    p = trained.read_batch(images[2:3])[0][0]
    odds = (p[evidence.label] / p[evidence.other]).log()
    assert (evidence.logits[0] - evidence.logits[1]).item() == pytest.approx(odds.item(), abs=1e-3)


@pytest.mark.parametrize("name", ["resnet20", "plain20", "residual9"])
def test_other_networks_give_evidence(name: str, card: Card) -> None:
    torch.manual_seed(0)
    card["arch"] = {"name": name, "in_channels": 1, "num_classes": 10}
    reader = DigitReader(create_model(name, 1, 10), card, "cpu")
    image = torch.randint(0, 256, (28, 28), dtype=torch.uint8)
    evidence = Attribution(reader).explain(image)
    maps, logits = with_last_maps(reader.net)(to_input(image[None]))
    torch.testing.assert_close(logits, reader.net(to_input(image[None])), atol=1e-3, rtol=1e-3)
    torch.testing.assert_close(evidence.grad_cam_cells.shape[1:], maps.shape[2:])
    features = reader.net.features(to_input(image[None]))[0]
    torch.testing.assert_close(evidence.features, features.detach(), atol=1e-3, rtol=1e-3)


def rank_correlation(a: Tensor, b: Tensor) -> float:
    """Spearman's."""
    ranks = torch.stack([values.flatten().argsort().argsort().double() for values in (a, b)])
    return torch.corrcoef(ranks)[0, 1].item()


def map_of(attribution: Attribution, image: Tensor, label: int) -> tuple[Tensor, Tensor]:
    """Integrated gradients and Grad-CAM of one class, whichever the network prefers."""
    evidence = attribution.explain(image, label)
    place = (evidence.label, evidence.other).index(label)
    return evidence.integrated[place], evidence.grad_cam_cells[place]


@pytest.mark.slow
def test_random_weights_give_other_maps(trained: DigitReader, images: Tensor) -> None:
    """Cascading randomisation from the top (Adebayo et al. 2018, "Sanity Checks for Saliency Maps", sec. 3).

    Of integrated gradients only the inked pixels are compared, with their signs: they are products with the
    ink, so that over all pixels, or by size alone, maps of any weights look alike (sec. 5 there).
    """
    before = Attribution(trained)
    labels = [before.explain(image).label for image in images]
    maps = [map_of(before, image, label) for image, label in zip(images, labels, strict=True)]
    net = copy.deepcopy(trained.net)
    torch.manual_seed(0)
    print()
    for name, part in [
        ("fc", net.fc),
        *((f"stages.{n}", net.stages[n]) for n in (2, 1, 0)),
        ("stem", net.stem),
    ]:
        for layer in part.modules():
            if hasattr(layer, "reset_parameters"):
                layer.reset_parameters()
        after = Attribution(DigitReader(net, trained.card, "cpu"))
        found = []
        for image, label, (integrated, camera) in zip(images, labels, maps, strict=True):
            other = map_of(after, image, label)
            inked = image > 0
            found.append(
                (rank_correlation(integrated[inked], other[0][inked]), rank_correlation(camera, other[1]))
            )
        means = torch.tensor(found).mean(0).tolist()
        print(f"random from the top down to {name}: rank correlation {means[0]:+.2f}, {means[1]:+.2f}")
        assert max(map(abs, means)) < 0.3
    again = Attribution(trained)
    for image, label, (integrated, _) in zip(images[:3], labels, maps, strict=False):
        inked = image > 0
        fine = again.explain(image, label, steps=30).integrated[0]
        assert rank_correlation(integrated[inked], fine[inked]) > 0.95  # the measure can tell
