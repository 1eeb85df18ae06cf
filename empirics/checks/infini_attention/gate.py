"""The gate: parabolas in symbols, a mixture through data, descent from zero, and where a format rounds it to 1."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from itertools import product
from typing import Any

from constructions.infini_attention.frontiers import GATE_OPEN, Frontier
from empirics.checking import Evidence, check, control, fails, holds
from empirics.checks.infini_attention.presentations import residue
from theory import formats
from theory.inequalities import certificate
from theory.infini_attention import gate as claims

ROUNDED = tuple(f.name for f in formats.FORMATS.values() if not f.exact)


@check(claims.optimal, "derived", covers=True, scope={"sizes": "all distributions", "method": "moments as symbols"})
def parabola(crossed: int = 2, vertex: Fraction = Fraction(1)) -> Evidence:
    """u g^2 - 2 w g + s = R(g*) + (g - g*)^2 u."""
    import sympy

    u, w, s, g = sympy.symbols("u w s g", positive=True)
    best = sympy.Rational(vertex.numerator, vertex.denominator) * w / u

    def error(x: Any) -> Any:
        return u * x**2 - crossed * w * x + s

    return residue({"R": error(g) - error(best) - (g - best) ** 2 * u})


control(parabola, "half-the-vertex", "refuted", vertex=Fraction(1, 2), reason="a linear term is left")
control(parabola, "cross-term-once", "refuted", crossed=1, reason="the vertex is elsewhere")


@check(claims.mixture, "derived", covers=True, scope={"sizes": "all p, D, L", "method": "symbols"})
def best_of_a_mixture(
    best: Callable[..., Any] = lambda p, d, s: p * d / (p * d + (1 - p) * s), even: int = 1
) -> Evidence:
    """The derivative vanishes there; the error left; the odds are e^beta; D = L."""
    import sympy

    p, d, s, g = sympy.symbols("p D L g", positive=True)
    error = p * (1 - g) ** 2 * d + (1 - p) * g**2 * s
    found = best(p, d, s)
    return residue(
        {
            "the derivative": sympy.diff(error, g).subs(g, found),
            "the error left": error.subs(g, found) - p * (1 - p) * d * s / (p * d + (1 - p) * s),
            "e^beta": found / (1 - found) - p * d / ((1 - p) * s),
            "D = L": found.subs(s, even * d) - p,
        }
    )


control(best_of_a_mixture, "always-p", "refuted", best=lambda p, d, s: p, reason="the larger difference weighs more")
control(best_of_a_mixture, "not-alike", "refuted", even=2, reason="g* is p for D = L only")


@check(
    claims.mixture,
    "exhausted",
    given={"case": list(product((1, 2, 5), (1, 3), (1, 2), (1, 4)))},
    scope={"sizes": "1, 2, 5 distant and 1, 3 local targets, differences of length 1, 2 and 1, 4", "arithmetic": "Q"},
)
def best_of_some_data(case: tuple[int, int, int, int], nudge: Fraction = Fraction(0), far: int = 1) -> Evidence:
    """Least squares over data: a and b differ by the length, y is a or b; a gate a little off is worse."""
    distant, local, one, other = case
    data = [(one, one)] * distant + [(other, 0)] * local  # a - b, y - b
    top, below = sum(x * y for x, y in data), sum(x * x for x, _ in data)
    p = Fraction(distant, distant + local)
    d, s = far * one**2, other**2
    wanted = p * d / (p * d + (1 - p) * s) + nudge
    if Fraction(top, below) != wanted:
        told = f"{distant} distant targets {one} apart, {local} local ones {other} apart: g* = {Fraction(top, below)}"
        return fails(told, wanted, Fraction(top, below))
    return holds()


control(best_of_some_data, "a-little-more", "refuted", nudge=Fraction(1, 1000), reason="the vertex is one number")
control(best_of_some_data, "distance-doubled", "refuted", far=4, reason="the length of a - b enters squared")


@check(claims.shared, "derived", covers=True, scope={"sizes": "all channels", "method": "one channel more, symbols"})
def one_gate_for_two(weighted: bool = True, apart: int = 1) -> Evidence:
    """The excess of two parabolas at their weighted mean, and the sum as one parabola with that vertex."""
    import sympy

    u, w, g, h, x = sympy.symbols("u w g h x", positive=True)
    mean = (u * g + w * h) / (u + w) if weighted else (g + h) / 2
    both = u * (x - g) ** 2 + w * (x - h) ** 2
    excess = u * (mean - g) ** 2 + w * (mean - h) ** 2
    return residue(
        {
            "the derivative": sympy.diff(both, x).subs(x, mean),
            "one parabola": both - excess - (u + w) * (x - mean) ** 2,
            "the excess": excess - u * w * (apart * (g - h)) ** 2 / (u + w),
        }
    )


control(one_gate_for_two, "plain-mean", "refuted", weighted=False, reason="the wider parabola weighs more")
control(one_gate_for_two, "twice-apart", "refuted", apart=2, reason="the excess is that of g - h itself")
control(one_gate_for_two, "h-before-g", "confirmed", apart=-1, symmetry="the two channels exchanged")


@check(claims.gradient, "derived", covers=True, scope={"sizes": "all beta", "method": "t = e^-|beta| as a symbol"})
def gradient_in_beta(factor: int = 2, saturated: int = 2) -> Evidence:
    """dR/dbeta, and what g (1 - g) lacks of e^-|beta|."""
    import sympy

    u, b, best, t = sympy.symbols("u beta g_star t", positive=True)
    gate = 1 / (1 + sympy.exp(-b))
    error = u * (gate - best) ** 2
    lacking = t**2 * (saturated + t) / (1 + t) ** 2
    found = {
        "the gradient": (sympy.diff(error, b) - factor * u * (gate - best) * gate * (1 - gate)).subs(b, -sympy.log(t)),
        "saturated": t - t / (1 + t) ** 2 - lacking,
    }
    return residue({name: sympy.simplify(x) for name, x in found.items()})


control(gradient_in_beta, "chain-rule-half", "refuted", factor=1, reason="the square gives 2")
control(gradient_in_beta, "nothing-lacking", "refuted", saturated=0, reason="g (1 - g) is less than e^-|beta|")


def sigmoid(beta: float) -> float:
    return 1 / (1 + math.exp(-beta)) if beta > -700 else 0.0


PERCENT = tuple(range(1, 100))


@check(
    claims.descent,
    "exhausted",
    given=lambda run: {"case": [(p, step) for p in PERCENT[:: run.pick(7, 1)] for step in (1, 6)]},
    scope=lambda run: {
        "sizes": f"p = 0.01 .. 0.99 by 0.0{run.pick(7, 1)}, steps 1 and 6",
        "arithmetic": "fp64",
    },
)
def descends_to_the_best(case: tuple[int, int], faster: int = 1, start: float = 0.0, sign: int = 1) -> Evidence:
    """Every step keeps to its side of beta*, and the last gate is within 1 / 100 of g*, after 6 times the time in which the
    distance falls by e near beta*; roundoff is allowed its own size."""
    percent, step = case
    best = percent / 100
    target = math.log(best / (1 - best))
    beta = start
    for turn in range(math.ceil(6 / (2 * step * (best * (1 - best)) ** 2))):
        gate = sigmoid(beta)
        moved = beta - sign * faster * step * 2 * (gate - best) * gate * (1 - gate)
        slack = 8 * math.ulp(max(1.0, abs(target)))  # the gate's few roundings, times a gradient below 1
        if (moved - target) * (beta - target) < 0 and abs(moved - target) > slack:
            return fails(f"p = {best}, step {step}: turn {turn} goes from {beta:.4g} to {moved:.4g}, past {target:.4g}")
        beta = moved
    if abs(sigmoid(beta) - best) > 1 / 100:
        return fails(f"p = {best}, step {step}: the gate ends at {sigmoid(beta):.4g}", best, sigmoid(beta))
    return holds()


control(descends_to_the_best, "ten-times-the-step", "refuted", faster=10, reason="beyond 1 / |R''| it overshoots")
control(descends_to_the_best, "from-saturation", "refuted", start=-30.0, reason="the gradient is 10^-13 there")
control(descends_to_the_best, "ascending", "refuted", sign=-1, reason="the wrong way")
control(descends_to_the_best, "from-one", "confirmed", start=1.0, reason="no start near 0 is special")


@check(
    claims.descent,
    "exhausted",
    given={"best": [Fraction(k, 16) for k in range(17)]},
    scope={"sizes": "g and g* multiples of 1/64 and 1/16", "arithmetic": "Q"},
)
def second_derivative(best: Fraction, bound: Fraction = Fraction(1, 6)) -> Evidence:
    """|R''| / u <= 1/6 on the grid."""
    for g in (Fraction(k, 64) for k in range(65)):
        size = abs(2 * g * (1 - g) * (g * (1 - g) + (g - best) * (1 - 2 * g)))
        if size > bound:
            return fails(f"g = {g}, g* = {best}: |R''| = {float(size):.4g} u", float(bound), float(size))
    return holds(cases=65)


control(
    second_derivative, "an-eighth", "refuted", bound=Fraction(1, 8), reason="at g = g* = 1/2 it is 1/8, elsewhere 0.154"
)
control(second_derivative, "a-fifth", "confirmed", bound=Fraction(1, 5), reason="a weaker bound")


@check(
    claims.opens,
    "certified",
    given={"fmt": list(ROUNDED)},
    covers=True,
    scope={"sizes": f"{len(ROUNDED)} formats", "method": "monotone; both ends certified"},
)
def gate_is_one_from_there(fmt: str, frontier: Frontier = GATE_OPEN, shift: int = 0) -> Evidence:
    """The number of the format below log(2^(p+1) - 1) and the next one above it: two certificates for each format."""
    held = formats.named(fmt)
    below, above = frontier.sides(held)
    gap = above - below
    below, above = below + shift * gap, above + shift * gap
    if not (held.holds(below) and held.holds(above) and held.round((below + above) / 2) in (below, above)):
        return fails(f"{fmt}: {float(below)} and {float(above)} are no neighbours of the format")
    bound = GATE_OPEN.expression(held)
    made = certificate(below, "<", bound, claims.opens.id), certificate(bound, "<", above, claims.opens.id)
    found: dict[str, Any] = {f"1 from, {fmt}": float(above)}
    return holds(certificates=made, **found)


control(gate_is_one_from_there, "one-number-later", "refuted", shift=1, reason="the number before is rounded to 1 too")
control(gate_is_one_from_there, "one-number-sooner", "refuted", shift=-1, reason="it is rounded below 1")
control(
    gate_is_one_from_there,
    "a-bit-more",
    "refuted",
    frontier=Frontier("a bit more", lambda _: 1, lambda f, _: Fraction(2 ** ((f.precision or 0) + 2) - 1)),
    reason="log 2 later",
)
control(
    gate_is_one_from_there,
    "inverted",
    "confirmed",
    frontier=Frontier("1 / the argument", lambda _: -1, lambda f, u: 1 / GATE_OPEN.argument(f, u)),
    symmetry="-log(1/x) = log x",
)
