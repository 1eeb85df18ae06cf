"""Exponential and softmax kernels in floating point: every form within the derived rounding bound."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from constructions.layers import deltaformer as operator
from constructions.layers.kernels import Exponential, Kernel, Softmax
from empirics import strategies
from empirics.checking import Evidence, check, control, fails, holds
from theory.deltaformer import operator_kernels as claims
from theory.deltaformer.rounding_kernels import kernel_bound, near_kernel_instance
from theory.formats import FP32, FP64

FORMATS = {"float32": FP32, "float64": FP64}
KERNELS: dict[str, Any] = {"exponential": Exponential, "softmax": Softmax}
NEAR = {name: near_kernel_instance(name == "softmax") for name in KERNELS}
NINE_BITS = {
    "k": np.ones((2, 1)),
    "w": np.array([[0.0], [257 / 64]]),
    "v": np.ones((2, 1)),
    "beta": np.ones(2),
}
"""A write that 8 bits do not hold."""
LEAST_RATIO = {"exponential": Fraction(4, 5), "softmax": Fraction(1, 2)}
"""What the near instances must reach of the bound."""


def _torch_form(k: Any, w: Any, v: Any, beta: Any, alpha: Any, kernel: Kernel, form: str) -> Any:
    how: dict[str, Any] = {"chunk": 2} if form == "chunked" else {}
    return getattr(operator, form)(k, w, v, beta, alpha=alpha, kernel=kernel, **how)


def _negated(k: Any, w: Any, *rest: Any) -> Any:
    return _torch_form(-k, -w, *rest)


def _through_half(*arguments: Any) -> Any:
    """The answer rounded through float16 on its way."""
    found = _torch_form(*arguments)
    return found.half().to(found.dtype)


def _exponents_in_half(k: Any, w: Any, *rest: Any) -> Any:
    """Writes rounded to bfloat16 before the exponential."""
    return _torch_form(k, w.bfloat16().to(w.dtype), *rest)


@check(
    claims.kernel_float_bound,
    "tested",
    first=({"inputs": NINE_BITS},),
    given={"inputs": strategies.keys_and_queries(most_tokens=5, most_dimension=3, fmt="fp32")},
    scope={"sizes": "T <= 5, d <= 3; T = 3 near the bound", "evaluation": "torch, three forms, chunk 2"},
    examples=(6, 400),
)
def kernels_stay_within_the_bound(inputs: dict[str, Any], compute: Any = _torch_form) -> Evidence:
    """Each form of each kernel in fp32 and fp64, with alpha, against balls around the exact u of the same floats."""
    arguments = [inputs[name] for name in ("k", "w", "v", "beta")]
    alpha = inputs["beta"][::-1] * 2
    for name in KERNELS:
        wrong, _ = _worst(name, 0.25, arguments, alpha, compute, FORMATS)
        if wrong:
            return fails(f"T = {len(alpha)}: {wrong}")
    return holds()


@check(
    claims.kernel_float_bound,
    "tested",
    given={"name": list(KERNELS)},
    scope={"sizes": "T = 3, d = 1, near the bound", "evaluation": "torch, three forms, chunk 2"},
)
def an_instance_comes_near(
    name: str, compute: Any = _torch_form, at_most: Any = 1, at_least: Any = LEAST_RATIO
) -> Evidence:
    """In fp32, on an instance whose exponent rounds badly, observed / bound reaches the demanded ratio, and not more than 1."""
    rate, inputs = NEAR[name]
    arguments = [inputs[part] for part in ("k", "w", "v", "beta")]
    wrong, ratio = _worst(name, rate, arguments, None, compute, {"float32": FP32})
    if wrong or ratio > at_most:
        return fails(f"{name}: {wrong or f'observed / bound is {ratio:.3f}, more than {at_most}'}")
    if ratio < at_least[name]:
        return fails(f"{name}: observed / bound is {ratio:.3f}, less than {at_least[name]}: the bound is loose")
    return holds(ratio=f"{ratio:.2f}")


def _worst(
    name: str, rate: float, arguments: list[Any], alpha: Any, compute: Any, formats: dict[str, Any]
) -> tuple[str, float]:
    """What is beyond the bound, '' if nothing is; and the greatest observed / bound."""
    import torch

    greatest = 0.0
    for dtype, fmt in formats.items():
        given: Any = [None if x is None else torch.tensor(x, dtype=getattr(torch, dtype)) for x in (*arguments, alpha)]
        for form in operator.FORMS:
            found = compute(*given, KERNELS[name](rate), form).numpy().astype(np.float64)
            how: dict[str, Any] = {"rate": rate, "softmax": name == "softmax", "alpha": alpha}
            k, w, v, beta = arguments
            inside, ratio = kernel_bound(k, w, v, beta, found, fmt, **how).worst(found)
            if not inside:
                return f"u by {form}, {name}, in {dtype} is off by {ratio:.3g} times the bound", ratio
            greatest = max(greatest, ratio)
    return "", greatest


control(kernels_stay_within_the_bound, "through-half", "refuted", compute=_through_half, reason="11 bits are not 24")
control(
    kernels_stay_within_the_bound,
    "writes-in-bfloat16",
    "refuted",
    compute=_exponents_in_half,
    reason="an error of the exponent is a relative error of the weight",
)
control(
    kernels_stay_within_the_bound,
    "both-negated",
    "confirmed",
    compute=_negated,
    symmetry="<-k, -w> = <k, w>; signs do not round",
)
control(
    an_instance_comes_near,
    "four-fifths-and-half-allowed",
    "refuted",
    at_most=Fraction(1, 2),
    reason="both instances are beyond half of the bound",
)
control(
    an_instance_comes_near,
    "both-negated",
    "confirmed",
    compute=_negated,
    symmetry="<-k, -w> = <k, w>; signs do not round",
)
