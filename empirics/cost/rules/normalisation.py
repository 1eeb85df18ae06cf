"""Softmax and the norms, forward and backward.

Softmax over n: maximum, difference, exp, sum, quotient: 5 out, 2 L(n) + 3. Layer norm: 8 out, 2 L(n) + 4, whatever it is given of
weight and bias, a convention; group norm and batch norm in training are layer norms over their groups. Backward passes are counted
as written out in each docstring.
"""

from __future__ import annotations

from typing import Any

from empirics.cost.rules.model import Call, Cost, cost, product, rule

__all__: list[str] = []


def _along(x: Any, dim: int) -> Any:
    return x.shape[dim] if x.dim() else 1


@rule("_softmax", "_safe_softmax", "softmax")
def softmax(call: Call) -> Cost:
    """5 out, 2 L(n) + 3."""
    return cost(5 * call.size, ((3, ()), (2, (_along(call.out, call["dim"]),))))


@rule("_softmax_backward_data")
def softmax_backward(call: Call) -> Cost:
    """y * (g - sum(y * g)): 4 out, L(n) + 3."""
    return cost(4 * call.size, ((3, ()), (1, (_along(call.out, call["dim"]),))))


@rule("_log_softmax", "log_softmax")
def log_softmax(call: Call) -> Cost:
    """Maximum, difference, exp, sum, log of each row, difference: 5 out + out/n, 2 L(n) + 4."""
    n = _along(call.out, call["dim"])
    return cost(5 * call.size + call.size // n, ((4, ()), (2, (n,))))


@rule("_log_softmax_backward_data", exact=False)
def log_softmax_backward(call: Call) -> Cost:
    """g - exp(y) * sum(g): 4 out; span L(n) + 3, as if the exponential waited for the sum."""
    return cost(4 * call.size, ((3, ()), (1, (_along(call.out, call["dim"]),))))


def _layer_norm(size: Any, n: Any) -> Cost:
    return cost(8 * size, ((4, ()), (2, (n,))))


@rule("native_layer_norm", exact=False)
def layer_norm(call: Call) -> Cost:
    """8 out, 2 L(n) + 4."""
    return _layer_norm(call.size, product(call["normalized_shape"]))


@rule("native_group_norm", name="layer norm", exact=False)
def group_norm(call: Call) -> Cost:
    """A layer norm over the channels of a group and its positions."""
    return _layer_norm(call.size, call["C"] // call["group"] * call["HxW"])


def _batch_norm(call: Call, training: bool) -> Cost:
    x = call["input"]
    channels = x.shape[1]
    if training:
        return _layer_norm(x.numel(), x.numel() // channels)
    affine = int(call["weight"] is not None) + int(call["bias"] is not None)
    return cost((2 + affine) * x.numel() + 2 * channels, 4 + affine)


@rule("native_batch_norm", "_native_batch_norm_legit", "_native_batch_norm_legit_functional", exact=False)
def batch_norm(call: Call) -> Cost:
    """In training a layer norm over batch and positions of a channel. With stored statistics: eps added and the root of each
    channel's variance, then difference, product, weight and bias: (2..4) out + 2 channels, span 4..6."""
    return _batch_norm(call, call["training"])


@rule("_native_batch_norm_legit_no_training", "_batch_norm_no_update", name="batch norm with stored statistics")
def batch_norm_stored(call: Call) -> Cost:
    """The second of the two."""
    return _batch_norm(call, False)


@rule("_batch_norm_with_update", "_batch_norm_with_update_functional", name="batch norm", exact=False)
def batch_norm_updating(call: Call) -> Cost:
    """The first of the two."""
    return _batch_norm(call, True)


def _norm_backward(size: Any, n: Any, weight: bool, mask: Any, shared: Any) -> Cost:
    """x' = (x - mean) r (2), h = g w (1 with a weight), sum h (1), sum h x' (2), then r (h - a/n - x' b/n): product, two
    differences, product (4), a/n and b/n of each row. The weight's gradient is sum g x' (2), the bias's sum g (1), over `shared`."""
    for_input, for_weight, for_bias = mask
    normalised = int(bool(for_input or for_weight))
    work = 2 * normalised * size + int(for_bias) * size + 2 * int(for_weight) * size
    if for_input:
        work = work + (7 + int(weight)) * size + 2 * (size // n)
        return cost(work, ((2 + 1 + 1 + 4, ()), (1, (n,))))
    return cost(work, ((3 if for_weight else 0, ()), (1, (shared,))))


@rule("native_layer_norm_backward", exact=False)
def layer_norm_backward(call: Call) -> Cost:
    """9 or 10 out + 2 out/n for the input, 2 out for the weight, out for the bias; span L(n) + 8, that of the input's."""
    size, n = call["input"].numel(), product(call["normalized_shape"])
    return _norm_backward(size, n, call["weight"] is not None, call["output_mask"], size // n)


@rule("native_group_norm_backward", name="layer norm backward", exact=False)
def group_norm_backward(call: Call) -> Cost:
    """A layer norm's over the channels of a group and its positions."""
    n = call["C"] // call["group"] * call["HxW"]
    return _norm_backward(
        call["input"].numel(), n, call["weight"] is not None, call["output_mask"], call["N"] * call["HxW"]
    )


@rule("native_batch_norm_backward", "batch_norm_backward", name="layer norm backward", exact=False)
def batch_norm_backward(call: Call) -> Cost:
    """In training a layer norm's over batch and positions of a channel; with stored statistics the input's is g w r."""
    x = call["input"]
    n = x.numel() // x.shape[1]
    for_input, for_weight, for_bias = call["output_mask"]
    training = call.get("train", call.get("update", False))
    weight = call["weight"] is not None
    if training:
        return _norm_backward(x.numel(), n, weight, call["output_mask"], n)
    work = (1 + int(weight)) * int(for_input) + 4 * int(for_weight) + int(for_bias)
    return cost(work * x.numel(), ((3, ()), (1, (n,))))


@rule("_weight_norm_interface_backward", name="weight norm backward")
def weight_norm_backward(call: Call) -> Cost:
    """Of w = g v / |v| with gradient h: v h summed (2), divided by the norm (the gradient of g) and again (2 a row), that times v,
    difference from h (2), times g / |v| (1, and 1 a row)."""
    size, rows = call["saved_v"].numel(), call["saved_norms"].numel()
    return cost(5 * size + 3 * rows, ((6, ()), (1, (size // rows,))))
