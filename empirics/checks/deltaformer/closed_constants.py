"""A gap and a temperature in closed form for Theorems C and D: one formula for every n and S, from the error bounds."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from constructions.deltaformer.exponential_swaps import EXPOSURE, SPREAD
from constructions.deltaformer.slot_programs import CLEAN_SWAP, POINTER_SWAP, Template
from empirics.checking import Evidence, check, control, fails, holds
from theory.deltaformer import exponential_swaps, softmax_swaps


def _depths(template: Template, a: Any, b: Any) -> tuple[dict[str, Any], list[Any]]:
    """The pointer depth of each slot after a swap, from those of a and b before, and of every token on the way."""
    depth: dict[str, Any] = {"a": a, "b": b}
    way = []
    for key, write in template.tokens:
        depth[key] = depth[write] + 1
        way.append(depth[key])
    return depth, way


@check(
    softmax_swaps.tracks, "derived", covers=True, scope={"sizes": "all n and S", "method": "D, x and depths as symbols"}
)
def a_gap_for_every_length(template: Template = POINTER_SWAP, per_swap: int = 2, added: int = 2) -> Evidence:
    """Depths grow by `per_swap` a swap, and x = 1 / (4 D + added) leaves 1 - (4 D + 1) x - 4 D x^2 positive."""
    import sympy

    a, b = sympy.symbols("a b", positive=True)
    depth, way = _depths(template, a, b)
    for slot, other in (("a", b), ("b", a)):
        if sympy.expand(depth[slot] - other - per_swap) != 0:
            return fails(f"{template}: slot {slot} ends at depth {depth[slot]}, not {other + per_swap}")
    if any(sympy.expand(found - base - per_swap).is_positive for found in way for base in found.free_symbols):
        return fails(f"{template}: a token on the way is deeper than the slots at the end", per_swap, way)
    d, x = sympy.symbols("D x", positive=True)
    delta = x * (1 + x) / (1 - x)
    left = sympy.expand(sympy.cancel((sympy.Rational(1, 2) - 2 * delta * d) * 2 * (1 - x)))
    falling = [sympy.Poly(left, x).coeff_monomial(x**k) for k in (1, 2)]
    if sympy.expand(left - (1 - (4 * d + 1) * x - 4 * d * x**2)) != 0 or not all((-c).is_positive for c in falling):
        return fails(f"2 delta D < 1/2 says {left} > 0, which need not fall with x")
    above, _ = sympy.fraction(sympy.cancel(left.subs(x, 1 / (4 * d + added))))
    least = sympy.Poly(above, d).coeffs()
    if not min(least) > 0:
        return fails(f"at x = 1 / (4 D + {added}) the left side has the numerator {above}", "positive", above)
    return holds(cases=len(way) + 4)


control(a_gap_for_every_length, "ln-of-4-D-plus-1", "refuted", added=1, reason="there 2 delta D is above 1/2")
control(a_gap_for_every_length, "one-deeper-a-swap", "refuted", per_swap=1, reason="a content passes two tokens")
control(
    a_gap_for_every_length,
    "first-token-twice",
    "refuted",
    template=Template(POINTER_SWAP.tokens[:1] * 2 + POINTER_SWAP.tokens[1:], ("c",), "pointer", False),
    reason="one way is three tokens long",
)
control(a_gap_for_every_length, "ln-of-4-D-plus-3", "confirmed", added=3, reason="a larger gap")
control(
    a_gap_for_every_length,
    "slots-renamed",
    "confirmed",
    template=Template((("b", "b"), ("c", "a"), ("a", "b"), ("b", "c")), ("c",), "pointer", False),
    symmetry="a and b exchange names",
)


@check(
    exponential_swaps.tracks,
    "derived",
    covers=True,
    scope={"sizes": "all n and S", "method": "L - T and e^(G / factor)"},
)
def a_temperature_for_every_length(
    factor: Fraction = Fraction(5),
    exposure: int = EXPOSURE,
    template: Template = CLEAN_SWAP,
    margin: Fraction = Fraction(1, 2),
) -> Evidence:
    """T <= L, so eta = 1 / (factor L) leaves at most e^(G / factor) / factor, enclosed in a ball, below the margin."""
    import sympy

    from theory.deltaformer import margins

    n, swaps = sympy.Symbol("n", integer=True, positive=True), sympy.Symbol("S", integer=True, nonnegative=True)
    longer = sympy.expand((n + exposure * swaps + 1) - (n + len(template.tokens) * swaps + 1))
    if not longer.is_nonnegative:
        return fails(f"L - T = {longer}: there are more tokens than exposure", ">= 0", longer)
    with margins.precise():
        error = margins.ball(SPREAD / factor).exp() / margins.ball(factor)
        enough = error < margins.ball(margin)
    return (
        holds(cases=2) if enough else fails(f"eta = 1 / ({factor} L) leaves an error of {error}", f"< {margin}", error)
    )


control(a_temperature_for_every_length, "ln-of-4-L", "refuted", factor=Fraction(4), reason="e / 4 exceeds 1/2")
control(
    a_temperature_for_every_length,
    "exposure-7",
    "refuted",
    exposure=7,
    reason="eight tokens a swap, each of which leaks",
)
control(
    a_temperature_for_every_length, "margin-two-fifths", "refuted", margin=Fraction(2, 5), reason="e^(4/5) / 5 is 0.445"
)
control(a_temperature_for_every_length, "ln-of-6-L", "confirmed", factor=Fraction(6), reason="a higher temperature")
