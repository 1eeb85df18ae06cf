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


@rule("avg_pool2d_backward", "avg_pool3d_backward")
def mean_pool_backward(call: Call) -> Cost:
    """Each gradient divided and added to every place of its window: zeros, src, src * window; L(window) + 2."""
    src, window = call["grad_output"].numel(), product(call["kernel_size"])
    return cost(call.size + src + src * window, ((2, ()), (1, (window,))))


@rule("_adaptive_avg_pool3d", exact=False)
def adaptive_mean_pool(call: Call) -> Cost:
    """in + out, as if windows did not overlap; L of the largest window, + 1."""
    x, sizes = call["self"], call["output_size"]
    window = product(-(-n // m) for n, m in zip(x.shape[-3:], sizes, strict=True))
    return cost(x.numel() + call.size, ((1, ()), (1, (window,))))


@rule("_adaptive_avg_pool2d_backward", "_adaptive_avg_pool3d_backward", exact=False)
def adaptive_mean_pool_backward(call: Call) -> Cost:
    """Each gradient divided and added to every place of its window, of which each place is counted in one: zeros, src, out; the
    span as if all met in one place."""
    src = call["grad_output"].numel()
    return cost(2 * call.size + src, ((3, ()), (1, (src,))))


@rule("_embedding_bag", "_embedding_bag_forward_only", exact=False)
def embedding_bag(call: Call) -> Cost:
    """The rows of all bags added up and each output divided; L of all indices, as if there were one bag."""
    n = call["indices"].numel()
    return cost(n * call["weight"].shape[1] + call.size, ((1, ()), (1, (n,))))


@rule("_embedding_bag_backward", "_embedding_bag_dense_backward", exact=False)
def embedding_bag_backward(call: Call) -> Cost:
    """Zeros; the gradient of its bag, divided, added to every row that was read."""
    src = call["indices"].numel() * call["grad"].shape[1]
    return cost(call.size + 2 * src, ((3, ()), (1, (src,))))
