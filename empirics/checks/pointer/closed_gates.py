"""Gates that are exactly zero: over R, in formats by construction, and what a zero does to what was gathered."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

from constructions.pointer.gates import every_half, hard_sigmoid, relu, rounded_sigmoid
from empirics.checking import Evidence, check, control, fails, holds
from theory import formats
from theory.formats import Format
from theory.pointer import gate as claims


def sigmoid_of(x: Any) -> Any:
    """As a symbolic expression."""
    import sympy

    return 1 / (1 + sympy.exp(-x))


@check(
    claims.sigmoid_removes,
    "derived",
    covers=True,
    scope={"sizes": "all real inputs", "method": "the equation Gate(x) = 0 solved"},
)
def some_input_closes_it(gate: Callable[[Any], Any] = sigmoid_of) -> Evidence:
    """The set of real x with Gate(x) = 0, by computer algebra, is not empty."""
    import sympy

    x = sympy.Symbol("x", real=True)
    zeros = sympy.solveset(gate(x), x, sympy.S.Reals)
    if zeros.is_empty:
        return fails(f"the gate {gate(x)} is 0 for no real x", "a zero", "none")
    assert zeros.is_empty is False, "computer algebra did not solve the equation"
    return holds(zeros=str(zeros))


def _relu(x: Any) -> Any:
    import sympy

    return sympy.Max(x, 0)


def _hard_sigmoid(x: Any) -> Any:
    import sympy

    return sympy.Min(sympy.Max(x / 6 + sympy.Rational(1, 2), 0), 1)


def _softplus(x: Any) -> Any:
    import sympy

    return sympy.log(1 + sympy.exp(x))


control(some_input_closes_it, "relu", "confirmed", gate=_relu, reason="0 for all x <= 0")
control(some_input_closes_it, "hard-sigmoid", "confirmed", gate=_hard_sigmoid, reason="0 for all x <= -3")
control(some_input_closes_it, "linear", "confirmed", gate=lambda x: x, reason="0 at 0")
control(some_input_closes_it, "sigmoid-weighted", "confirmed", gate=lambda x: x * sigmoid_of(x), reason="0 at 0 alone")
control(some_input_closes_it, "softplus", "refuted", gate=_softplus, reason="log(1 + e^x) > 0")


def _numbers(fmt: Format) -> list[Fraction]:
    """Every finite number of an 8-bit format; of a wider one the extremes and a few between."""
    if fmt.exact:
        return [Fraction(x, 3) for x in range(-6, 7)]
    assert fmt.precision is not None
    assert fmt.emin is not None
    assert fmt.emax is not None
    wide = fmt.precision > 4
    mantissas = (1, 2**fmt.precision - 1) if wide else range(2**fmt.precision)
    exponents = (fmt.emin, 0, fmt.emax) if wide else range(fmt.emin, fmt.emax + 1)
    sizes = {Fraction(m) * Fraction(2) ** (e - fmt.precision + 1) for m in mantissas for e in exponents}
    return sorted((s * x for x in sizes | {Fraction(fmt.max_finite)} if x <= fmt.max_finite for s in (1, -1)), key=abs)


@check(
    claims.exact_zero,
    "exhausted",
    given={"fmt": list(formats.FORMATS)},
    scope={"sizes": "all finite numbers of fp8, extremes of the wider formats, thirds in Q"},
)
def closed_and_open(
    fmt: str,
    gates: tuple[Callable[[Any], Any], ...] = (relu, hard_sigmoid),
    closed: tuple[int, ...] = (0, -3),
    opened: tuple[int, ...] = (1, 3),
) -> Evidence:
    """At and below `closed` the rounded product with every number is 0, at `opened` it is the number."""
    held = formats.named(fmt)
    numbers = _numbers(held)
    for gate, low, high in zip(gates, closed, opened, strict=True):
        for x, wanted in ((low, 0), (low - 1, 0), (high, 1)):
            value = gate(x)
            for h in numbers:
                if (found := held.round(h * value)) != wanted * h:
                    return fails(f"{fmt}: at {x} the gate makes {float(found):g} of {float(h):g}", wanted * h, found)
    return holds(cases=len(numbers) * 3 * len(gates))


def _rounded_in_fp16(x: Any) -> Fraction:
    return rounded_sigmoid(formats.FP16, x)


control(closed_and_open, "sigmoid", "refuted", gates=(relu, _rounded_in_fp16), reason="at -3 it is 0.047")
control(closed_and_open, "hard-sigmoid-at-minus-two", "refuted", closed=(0, -2), reason="there it is 1/6")
control(
    closed_and_open,
    "leaky-relu",
    "refuted",
    gates=(lambda x: max(x, Fraction(x) / 8), hard_sigmoid),
    reason="-1/8 at -1",
)
control(
    closed_and_open,
    "relu-written-otherwise",
    "confirmed",
    gates=(lambda x: (x + abs(x)) // 2, hard_sigmoid),
    symmetry="(x + |x|) / 2",
)
control(closed_and_open, "hard-sigmoid-farther", "confirmed", closed=(-1, -4), reason="zero below as well")


def product(gate: np.ndarray, gathered: np.ndarray) -> np.ndarray:
    """gate * gathered, in fp16."""
    with np.errstate(invalid="ignore"):
        return gate * gathered


@check(
    claims.removes_infinity, "exhausted", given={"finite": [True, False]}, scope={"sizes": "all 65536 patterns of fp16"}
)
def zero_times_anything(
    finite: bool, combine: Callable[[np.ndarray, np.ndarray], np.ndarray] = product, all_: bool = True
) -> Evidence:
    """A zero gate times every fp16 number, finite ones first, is 0."""
    every = every_half()
    every = every[np.isfinite(every)] if finite or not all_ else every
    found = combine(np.zeros_like(every), every)
    wrong = np.flatnonzero(found != 0)
    if wrong.size:
        return fails(f"0 times {every[wrong[0]]} is {found[wrong[0]]}, not 0", 0, found[wrong[0]])
    return holds(cases=len(every))


def _chosen(gate: np.ndarray, gathered: np.ndarray) -> np.ndarray:
    return np.where(gate == 0, np.float16(0), product(gate, gathered))


control(zero_times_anything, "finite-only", "confirmed", all_=False, reason="0 times a finite number is 0")
control(
    zero_times_anything, "chosen-not-multiplied", "confirmed", combine=_chosen, reason="a selection reads no product"
)
control(
    zero_times_anything,
    "one-more-factor",
    "refuted",
    combine=lambda g, h: product(product(g, h), h),
    reason="NaN stays NaN",
)
