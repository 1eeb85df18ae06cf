"""Pooling: a reduction over the window of every output, the whole window at the borders too."""

from __future__ import annotations

from empirics.cost.rules.model import Call, Cost, cost, product, rule

__all__: list[str] = []


@rule("max_pool2d_with_indices", "max_pool3d_with_indices")
def max_pool(call: Call) -> Cost:
    """out * window, L(window)."""
    window = product(call["kernel_size"])
    return cost(call.size * window, ((1, (window,)),))


@rule("avg_pool1d", "avg_pool2d", "avg_pool3d")
def mean_pool(call: Call) -> Cost:
    """out * window + out, L(window) + 1."""
    window = product(call["kernel_size"])
    return cost(call.size * window + call.size, ((1, ()), (1, (window,))))


@rule("max_pool2d_with_indices_backward", "max_pool3d_with_indices_backward", name="scatter into zeros")
def max_pool_backward(call: Call) -> Cost:
    """The gradient added where each maximum was: out + src, 2 + L(src)."""
    src = call["grad_output"].numel()
    return cost(call.size + src, ((2, ()), (1, (src,))))


@rule("avg_pool2d_backward", "avg_pool3d_backward")
def mean_pool_backward(call: Call) -> Cost:
    """Each gradient divided and added to every place of its window: zeros, src, src * window; L(window) + 2."""
    src, window = call["grad_output"].numel(), product(call["kernel_size"])
    return cost(call.size + src + src * window, ((2, ()), (1, (window,))))
