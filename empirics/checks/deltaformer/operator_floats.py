"""The operator in floating point: every form and its gradient within the derived rounding bound."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from constructions.layers import deltaformer as operator
from empirics import strategies
from empirics.checking import Evidence, check, control, fails, holds
from theory.deltaformer import operator as claims
from theory.deltaformer.rounding import (
    exact_first_stage,
    forward_bound,
    gradient_bounds,
    near_instance,
    rational,
)
from theory.formats import FP32, FP64

FORMATS = {"float32": FP32.unit_roundoff, "float64": FP64.unit_roundoff}
NEAR_TOKENS = 64
LEAST_RATIO = Fraction(9, 10)
"""(T - 2) / (T + 2) is 0.94 at T = 64."""


def _torch_form(k: Any, w: Any, v: Any, beta: Any, form: str) -> Any:
    if form == "chunked":
        return operator.chunked(k, w, v, beta, chunk=3)
    return {"recurrence": operator.recurrence, "solve": operator.solve}[form](k, w, v, beta)


def _negated(k: Any, w: Any, v: Any, beta: Any, form: str) -> Any:
    return _torch_form(-k, -w, v, beta, form)


def _through_half(k: Any, w: Any, v: Any, beta: Any, form: str) -> Any:
    """The answer rounded through float16 on its way."""
    found = _torch_form(k, w, v, beta, form)
    return found.half().to(found.dtype)


@check(
    claims.float_bound,
    "tested",
    given={"inputs": strategies.keys_and_queries(most_tokens=8, most_dimension=3, fmt="fp32")},
    first=({"inputs": near_instance(NEAR_TOKENS, FORMATS["float32"])},),
    scope={"sizes": "T <= 8, d <= 3; T = 64 near the bound", "evaluation": "torch, three forms, chunk 3"},
    examples=(10, 600),
)
def floats_stay_within_the_bound(
    inputs: dict[str, Any], compute: Any = _torch_form, share: Fraction = Fraction(1)
) -> Evidence:
    """Each form in fp32 and fp64, forward and backward, against exact rationals of the same floats; `share` of the bound."""
    import torch

    k, w, v, beta = (inputs[name] for name in ("k", "w", "v", "beta"))
    arguments = (k, w, v, beta)
    exact = exact_first_stage(k, w, v, beta)
    cotangent = np.where(np.arange(exact.size).reshape(exact.shape) % 2, -1.0, 1.0)
    true = (
        operator.gradients(rational(k), rational(w), rational(v), rational(beta), rational(cotangent), form="solve")
        if exact.size
        else None
    )
    for dtype, roundoff in FORMATS.items():
        for form in operator.FORMS:
            leaves = [torch.tensor(x, dtype=getattr(torch, dtype), requires_grad=True) for x in arguments]
            u = compute(*leaves, form)
            found = u.detach().numpy().astype(np.float64)
            wrong = _beyond(exact, found, forward_bound(k, w, v, beta, found, roundoff), share)
            if wrong:
                return fails(f"T = {len(exact)}: u by {form} in {dtype} {wrong}")
            if true is None or len(exact) > NEAR_TOKENS // 2:
                continue
            u.backward(torch.tensor(cotangent, dtype=u.dtype))
            grads = [np.zeros(x.shape) if x.grad is None else x.grad.numpy().astype(np.float64) for x in leaves]
            bounds = gradient_bounds(k, w, v, beta, cotangent, found, grads[2], roundoff)
            for name, wanted, got, bound in zip(("k", "w", "v", "beta"), true[:4], grads, bounds, strict=True):
                wrong = _beyond(wanted, got, bound, share)
                if wrong:
                    return fails(f"T = {len(exact)}: the gradient in {name} by {form} in {dtype} {wrong}")
    return holds()


def _beyond(wanted: Any, got: np.ndarray, bound: Any, share: Fraction) -> str:
    """'' when every error is within its bound, else where it is not and by how much."""
    for index, error in np.ndenumerate(abs(rational(got) - wanted)):
        limit = bound[index] * share.numerator / share.denominator
        if error > limit:
            return f"is off by {float(Fraction(str(error))):.3g} at {index}, allowed {float(Fraction(str(limit))):.3g}"
    return ""


control(
    floats_stay_within_the_bound,
    "nine-tenths-of-the-bound",
    "refuted",
    share=LEAST_RATIO,
    reason="an instance of 64 tokens reaches (T - 2) / (T + 2) = 0.94 of the bound",
)
control(floats_stay_within_the_bound, "through-half", "refuted", compute=_through_half, reason="11 bits are not 24")
control(
    floats_stay_within_the_bound,
    "both-negated",
    "confirmed",
    compute=_negated,
    symmetry="<-k, -w> = <k, w>; signs do not round",
)
