"""The trace against gradients. And tracing must not import, patch or change anything, nor call hooks."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable

import pytest
import torch
from torch import nn

from model import InputError, create_model
from model.explain.activations import compute
from model.graph.nodes import nodes_of
from model.graph.tracer import trace_network
from model.networks.network import Network
from tests.helpers.networks import SMALL_NETWORKS, open_all_paths

SIDE = 28


@pytest.mark.parametrize("build", SMALL_NETWORKS.values(), ids=SMALL_NETWORKS)
def test_a_receptive_field_is_where_the_gradient_is_not_zero(build: Callable[[], Network]) -> None:
    operations = trace_network(open_all_paths(build()), (1, SIDE, SIDE))
    image = torch.ones(1, 1, SIDE, SIDE, dtype=torch.double, requires_grad=True)
    outputs = {operations[0]: image}
    for op in operations[1:]:
        outputs[op] = compute(op, [outputs[each] for each in op.inputs])
    for node in nodes_of(operations)[1:]:
        values = outputs[node.output][0]
        last = values.shape[-1] - 1 if values.ndim == 3 else 0
        for row, column in {(0, 0), (last // 2, last), (last, last // 3)}:
            one = values[:, row, column] if values.ndim == 3 else values
            (gradient,) = torch.autograd.grad(one.sum(), image, retain_graph=True)
            pixels = gradient[0, 0].nonzero()
            size, stride, start = node.receptive_field or (SIDE, 0, 0)
            low = [max(0, start + at * stride) for at in (row, column)]
            high = [min(SIDE, start + at * stride + size) - 1 for at in (row, column)]
            assert pixels.amin(0).tolist() == low, node.name
            assert pixels.amax(0).tolist() == high, node.name


def test_another_number_of_channels_is_refused() -> None:
    with pytest.raises(InputError, match="images of 1 channels, not of 3"):
        trace_network(create_model("resnet20"), (3, 32, 32))


@pytest.mark.parametrize(
    ("forward", "error", "words"),
    [
        (lambda x: x + x.flatten(1), ValueError, r"cannot be added"),
        (lambda x: torch.cat([x, x.flatten(1)], 1), ValueError, r"cannot be concatenated"),
        (lambda x: x.flatten(2), NotImplementedError, r"flatten\(2\)"),
        (torch.sigmoid, NotImplementedError, "no rule for sigmoid"),
        (nn.GELU(), NotImplementedError, "no rule for GELU"),
    ],
)
def test_what_has_no_rule_is_an_error(forward: Callable, error: type[Exception], words: str) -> None:
    class Odd(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = forward if isinstance(forward, nn.Module) else nn.Identity()

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            x = self.layer(x)
            return x if isinstance(forward, nn.Module) else forward(x)

    with pytest.raises(error, match=words):
        trace_network(Odd(), (1, 4, 4))


@pytest.mark.slow
def test_nothing_heavy_is_imported() -> None:
    """A server of 700 MB has no 170 MB to spare for a compiler that it does not use."""
    program = (
        "import sys; from model.graph.summary import create_uninitialized, summarise; "
        "summarise(create_uninitialized('densenet121', 3, 10), (3, 64, 64)); "
        "sys.exit(any(name in sys.modules for name in ('sympy', 'torch._dynamo', 'mpmath')))"
    )
    assert subprocess.run([sys.executable, "-c", program], timeout=120).returncode == 0


def test_another_thread_can_run_the_network_meanwhile() -> None:
    net, image = create_model("mnist_resnet").eval(), torch.zeros(1, 1, 28, 28)
    expected, done, errors = net(image), threading.Event(), []

    def read() -> None:
        while not done.is_set():
            try:
                assert torch.equal(net(image), expected)
            except Exception as error:
                errors.append(error)
                return

    thread = threading.Thread(target=read)
    thread.start()
    with torch.device("meta"):
        deep = create_model("resnet110")
    for _ in range(20):
        trace_network(net, (1, 28, 28))
        trace_network(deep, (1, 32, 32))
    done.set()
    thread.join()
    assert errors == []


def test_hooks_are_not_called() -> None:
    """A hook expects numbers, and a trace has none."""
    net = create_model("resnet20")
    for layer in net.modules():
        layer.register_forward_hook(lambda *_: pytest.fail("called"))
        layer.register_forward_pre_hook(lambda *_: pytest.fail("called"))
    assert len(trace_network(net, (1, 28, 28))) > 20


def test_the_network_is_not_changed() -> None:
    net = create_model("mnist_resnet").train()
    before = {name: tensor.clone() for name, tensor in net.state_dict().items()}
    trace_network(net, (1, 28, 28))
    assert net.training
    assert all(p.requires_grad and p.device.type == "cpu" for p in net.parameters())
    assert all(torch.equal(before[name], tensor) for name, tensor in net.state_dict().items())
