"""Gradients with exponential and softmax kernels, and the second stage, in floating point: every form within the derived bounds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from constructions.layers import deltaformer as operator
from constructions.layers.kernels import LINEAR, Softmax
from empirics import strategies
from empirics.checking import Evidence, check, control, fails, holds
from empirics.checks.deltaformer.operator_kernel_floats import FORMATS, KERNELS, NEAR, NINE_BITS
from theory.deltaformer import operator_kernels as claims
from theory.deltaformer.rounding import near_instance, read_bounds
from theory.deltaformer.rounding_gradients import kernel_gradient_bounds, kernel_read_bounds
from theory.deltaformer.rounding_kernels import rational_bounds
from theory.formats import FP32

LEAST_RATIO = {"exponential": Fraction(4, 5), "softmax": Fraction(2, 5)}
"""What each gradient on the near instances must reach of its bound: the exponent's error decides there as it does for U, at
4/5 and 1/2, and some tens of operations on the way through the kernel are counted besides."""
READ_RATIO = {"linear": Fraction(9, 10), "exponential": Fraction(4, 5), "softmax": Fraction(2, 5)}
NEAR_TOKENS = 64
"""(T - 2) / (T + 1) is 0.95 of the linear kernel's bound at T = 64."""


def _grads(tensors: dict[str, Any], grad: Any, kernel: Any, form: str) -> dict[str, Any]:
    """The gradients of <grad, u> in k, w, v, beta and alpha by autograd."""
    import torch

    leaves = {name: x.clone().requires_grad_() for name, x in tensors.items()}
    how: dict[str, Any] = {"chunk": 2} if form == "chunked" else {}
    u = getattr(operator, form)(**leaves, kernel=kernel, **how)
    found = torch.autograd.grad(u, list(leaves.values()), grad, allow_unused=True)
    return {n: torch.zeros_like(x) if g is None else g for (n, x), g in zip(leaves.items(), found, strict=True)}


def _reads(tensors: dict[str, Any], grad: Any, kernel: Any, form: str) -> dict[str, Any]:
    """The second stage, and the gradients of <grad, o> in q, k and u by autograd."""
    import torch

    leaves = {name: x.clone().requires_grad_() for name, x in tensors.items()}
    o = operator.read(**leaves, kernel=kernel, form=form, chunk=2)
    found = torch.autograd.grad(o, list(leaves.values()), grad, allow_unused=True)
    grads = {n: torch.zeros_like(x) if g is None else g for (n, x), g in zip(leaves.items(), found, strict=True)}
    return {"o": o.detach(), **grads}


def _through_half(compute: Any) -> Any:
    """The answers rounded through float16 on their way."""

    def made(*given: Any) -> dict[str, Any]:
        return {name: x.half().to(x.dtype) for name, x in compute(*given).items()}

    return made


def _negated(compute: Any) -> Any:
    """Keys, writes and queries with the other sign, and their gradients back."""

    def made(tensors: dict[str, Any], *how: Any) -> dict[str, Any]:
        found = compute({name: -x if name in "kwq" else x for name, x in tensors.items()}, *how)
        return {name: -x if name in "kwq" else x for name, x in found.items()}

    return made


def _mean_kept(tensors: dict[str, Any], grad: Any, kernel: Any, form: str) -> dict[str, Any]:
    """Softmax's derivative without the mean that it takes off."""
    found = _grads(tensors, grad, kernel, form)
    k, w, v, beta = (tensors[name] for name in ("k", "w", "v", "beta"))
    weights = kernel.weights(w, k, np.tri(len(k), k=-1, dtype=bool))
    y, u = operator.gradients(k, w, v, beta, grad, kernel=kernel).v, operator.solve(**tensors, kernel=kernel)
    rate = kernel.scale if isinstance(kernel, Softmax) else kernel.temperature
    return {**found, "w": rate * (weights * (-beta[:, None] * (y @ u.mT))) @ k}


def _signs(like: np.ndarray) -> np.ndarray:
    return np.where(np.arange(like.size).reshape(like.shape) % 2, -1.0, 1.0)


def _last(like: np.ndarray) -> np.ndarray:
    """One at the last token, so that no gradient is more than what comes through its weights."""
    made = np.zeros(like.shape)
    made[-1] = 1.0
    return made


def _worst(
    tensors: dict[str, Any], bounds: Any, compute: Any, kernel: Any, formats: Any, cotangent: Any = _signs
) -> Iterator[tuple[str, str, bool, float]]:
    """Which gradient by which form in which format, whether it is within its bound, and the greatest error / bound."""
    import torch

    grad = cotangent(tensors["v" if "v" in tensors else "u"])
    for dtype, fmt in formats.items():
        enclosed = bounds(grad, fmt)
        made = {name: torch.tensor(x, dtype=getattr(torch, dtype)) for name, x in tensors.items()}
        for form in operator.FORMS:
            for name, found in compute(made, torch.tensor(grad, dtype=getattr(torch, dtype)), kernel, form).items():
                yield name, f"{form} in {dtype}", *enclosed[name].worst(found.numpy().astype(np.float64))


def _of_first(tensors: dict[str, Any], name: str, rate: float) -> Any:
    k, w, v, beta = (tensors[each] for each in ("k", "w", "v", "beta"))
    how: dict[str, Any] = {"rate": rate, "softmax": name == "softmax", "alpha": tensors["alpha"]}
    return lambda grad, fmt: kernel_gradient_bounds(k, w, v, beta, grad, fmt, **how)


def _of_second(tensors: dict[str, Any], name: str, rate: float) -> Any:
    q, k, u = (tensors[each] for each in ("q", "k", "u"))
    if name == "linear":
        return lambda grad, fmt: rational_bounds(read_bounds(q, k, u, grad, fmt.unit_roundoff))
    return lambda grad, fmt: kernel_read_bounds(q, k, u, grad, fmt, rate=rate, softmax=name == "softmax")


@check(
    claims.kernel_gradient_float_bound,
    "tested",
    first=({"inputs": NINE_BITS},),
    given={"inputs": strategies.keys_and_queries(most_tokens=4, most_dimension=2, fmt="fp32")},
    scope={"sizes": "T <= 4, d <= 2; T = 3 near the bound", "evaluation": "torch's autograd, three forms, chunk 2"},
    examples=(4, 300),
)
def gradients_stay_within_the_bound(inputs: dict[str, Any], compute: Any = _grads) -> Evidence:
    """Each form of each kernel in fp32 and fp64, with alpha, against balls around the exact gradients of the same floats."""
    tensors = {name: inputs[name] for name in ("k", "w", "v", "beta")} | {"alpha": inputs["beta"][::-1] * 2}
    for name, kind in KERNELS.items():
        for part, where, inside, ratio in _worst(tensors, _of_first(tensors, name, 0.25), compute, kind(0.25), FORMATS):
            if not inside:
                return fails(
                    f"T = {len(inputs['beta'])}: the gradient in {part}, {name}, by {where} is off by {ratio:.3g} times the bound"
                )
    return holds()


@check(
    claims.kernel_gradient_float_bound,
    "tested",
    given={"name": list(KERNELS)},
    scope={"sizes": "T = 3, d = 1, near the bound", "evaluation": "torch's autograd, three forms, chunk 2"},
)
def a_gradient_comes_near(name: str, compute: Any = _grads, at_most: Any = 1, at_least: Any = LEAST_RATIO) -> Evidence:
    """In fp32, where the exponent rounds badly: the gradients in k, w, v and beta reach the demanded share of their bounds."""
    rate, inputs = NEAR[name]
    tensors = {**inputs, "alpha": np.ones(3)}
    pairs = _worst(tensors, _of_first(tensors, name, rate), compute, KERNELS[name](rate), {"float32": FP32}, _last)
    return _near(name, pairs, ("k", "w", "v", "beta"), at_most, at_least[name])


def _near(name: str, pairs: Any, parts: Sequence[str], at_most: Any, at_least: Any) -> Evidence:
    """Everything is within `at_most` of its bound, and each of the parts reaches `at_least` of its own by some form."""
    found = dict.fromkeys(parts, 0.0)
    for part, where, inside, ratio in pairs:
        if not inside or ratio > at_most:
            return fails(f"{name}: {part} by {where} is off by {ratio:.3f} times the bound, at most {at_most} allowed")
        if part in found:
            found[part] = max(found[part], ratio)
    part = min(found, key=lambda each: found[each])
    if found[part] < at_least:
        return fails(
            f"{name}: {part} is off by {found[part]:.3f} times the bound, {at_least} demanded: the bound is loose"
        )
    return holds(ratio=f"{found[part]:.2f}")


@check(
    claims.read_float_bound,
    "tested",
    first=({"inputs": NINE_BITS},),
    given={"inputs": strategies.keys_and_queries(most_tokens=4, most_dimension=2, fmt="fp32")},
    scope={"sizes": "T <= 4, d <= 2; T = 3, 64 near the bound", "evaluation": "torch's autograd, three forms, chunk 2"},
    examples=(4, 300),
)
def reads_stay_within_the_bound(inputs: dict[str, Any], compute: Any = _reads) -> Evidence:
    """Each form of each kernel in fp32 and fp64, o and its gradients, against the exact ones of the same floats."""
    tensors = {"q": inputs["w"], "k": inputs["k"], "u": inputs["v"]}
    for name, kind in {"linear": lambda _: LINEAR, **KERNELS}.items():
        for part, where, inside, ratio in _worst(
            tensors, _of_second(tensors, name, 0.25), compute, kind(0.25), FORMATS
        ):
            if not inside:
                return fails(
                    f"T = {len(inputs['v'])}: {part}, {name}, by {where} is off by {ratio:.3g} times the bound"
                )
    return holds()


@check(
    claims.read_float_bound,
    "tested",
    given={"name": list(READ_RATIO)},
    scope={"sizes": "T = 3, 64, d = 1, near the bound", "evaluation": "torch, three forms, chunk 2"},
)
def a_read_comes_near(name: str, compute: Any = _reads, at_most: Any = 1, at_least: Any = READ_RATIO) -> Evidence:
    """In fp32, on the instances on which U comes near its bound, o reaches the demanded share of its own."""
    rate, inputs = NEAR[name] if name in NEAR else (1.0, near_instance(NEAR_TOKENS, FP32.unit_roundoff))
    tensors = {"q": inputs["w"], "k": inputs["k"], "u": inputs["v"]}
    kernel = KERNELS[name](rate) if name in KERNELS else LINEAR
    pairs = _worst(tensors, _of_second(tensors, name, rate), compute, kernel, {"float32": FP32}, _last)
    return _near(name, pairs, ("o",), at_most, at_least[name])


for _check, _near_check, _compute in (
    (gradients_stay_within_the_bound, a_gradient_comes_near, _grads),
    (reads_stay_within_the_bound, a_read_comes_near, _reads),
):
    control(_check, "through-half", "refuted", compute=_through_half(_compute), reason="11 bits are not 24")
    for _each in (_check, _near_check):
        control(
            _each,
            "both-negated",
            "confirmed",
            compute=_negated(_compute),
            symmetry="<-k, -w> = <k, w>, so their gradients change sign; signs do not round",
        )
    control(
        _near_check,
        "a-third-allowed",
        "refuted",
        at_most=Fraction(1, 3),
        reason="each instance is beyond a third of the bound",
    )
control(
    gradients_stay_within_the_bound,
    "mean-kept",
    "refuted",
    compute=_mean_kept,
    reason="a softmax's derivative takes the mean off; of a single key it is zero",
)
