"""Matrix products and convolutions: (m x k by k x n) costs 2 m n k and has span 1 + L(k); an added term costs out and 1 more."""

from __future__ import annotations

from typing import Any

from empirics.cost.rules.model import Call, Cost, Terms, product, rule

__all__ = ["product_cost"]


def product_cost(products: Any, inner: Any, added: Any = None, counted: bool = True) -> Cost:
    """`products` multiplications, each with its addition, in sums of `inner`; `added` elements of a term added on top."""
    span: Terms = ((1, ()), (1, (inner,)))
    work = 2 * products
    if added is None:
        return Cost(((work, ()),), span, ((1, ()),), work if counted else 0)
    return Cost(((work + added, ()),), ((2, ()), (1, (inner,))), ((2, ()),), work if counted else 0)


@rule("mm", "bmm", "_int_mm", "_scaled_mm", name="matmul")
def matmul(call: Call) -> Cost:
    """A product, batched or not."""
    inner = call.first.shape[-1]
    return product_cost(call.size * inner, inner)


@rule("addmm", "_addmm_activation", name="matmul")
def addmm(call: Call) -> Cost:
    """A product and a term added to it."""
    inner = call["mat1"].shape[-1]
    return product_cost(call.size * inner, inner, call.size)


@rule("baddbmm", name="matmul")
def baddbmm(call: Call) -> Cost:
    """Products and terms added to them."""
    inner = call["batch1"].shape[-1]
    return product_cost(call.size * inner, inner, call.size)


@rule("addbmm", name="matmul")
def addbmm(call: Call) -> Cost:
    """Products summed over the batch, a longer inner sum, and a term added."""
    batch, _, inner = call["batch1"].shape
    return product_cost(call.size * inner * batch, inner * batch, call.size, counted=False)


@rule("mv", "dot", "vdot", name="matmul")
def vector(call: Call) -> Cost:
    """A matrix or a vector by a vector; FlopCounterMode does not count it."""
    inner = call.first.shape[-1]
    return product_cost(call.size * inner, inner, counted=False)


@rule("addmv", name="matmul")
def addmv(call: Call) -> Cost:
    """The same and a term added."""
    inner = call["mat"].shape[-1]
    return product_cost(call.size * inner, inner, call.size, counted=False)


def _products(call: Call, out: Any, x: Any, weight: Any) -> tuple[Any, Any]:
    """Multiplications of a convolution, every tap at every position, padding included; and the length of an inner sum."""
    taps = product(weight.shape[2:])
    if call["transposed"]:
        return x.numel() * weight.shape[1] * taps, weight.shape[0] // call["groups"] * taps
    inner = weight.shape[1] * taps
    return out.numel() * inner, inner


@rule("convolution", "_convolution", "convolution_overrideable")
def convolution(call: Call) -> Cost:
    """2 a tap; a bias is an added term."""
    products, inner = _products(call, call.out, call["input"], call["weight"])
    return product_cost(products, inner, None if call["bias"] is None else call.size)


@rule("convolution_backward", "convolution_backward_overrideable")
def convolution_backward(call: Call) -> Cost:
    """The transposed convolution for the input, the correlation of input and gradient for the weight, a sum for the bias; each if
    asked. The span is the longest of the three's, which is the weight's or the bias's: a sum over batch and positions."""
    grad, weight = call["grad_output"], call["weight"]
    products, _ = _products(call, grad, call["input"], weight)
    for_input, for_weight, for_bias = call["output_mask"]
    matrix = 2 * products * (int(for_input) + int(for_weight))
    bias = grad.numel() if for_bias else 0
    positions = call["input"] if call["transposed"] else grad
    inner = (
        positions.shape[0] * product(positions.shape[2:])
        if for_weight
        else grad.shape[0] * product(grad.shape[2:])
        if for_bias
        else weight.shape[0] * product(weight.shape[2:])
    )
    return Cost(((matrix + bias, ()),), ((1, ()), (1, (inner,))), ((1, ()),), matrix)
