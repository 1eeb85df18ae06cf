"""Conditional positive definiteness: a derivation, witnesses, squares, thresholds, covers of all slopes."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from flint import ctx

from empirics.checking import Evidence, check, control, fails, holds
from empirics.checks.position_kernels.edits import steps_in_t5
from theory.position_kernels import definiteness as claims
from theory.position_kernels.arithmetic import BALLS, Root
from theory.position_kernels.certificates import negative_form, positive_symbol, witness
from theory.position_kernels.definite_laws import definite
from theory.position_kernels.kernels import Exponential, Gaussian
from theory.position_kernels.mixtures import Mixture, alibi, three_kernels, two_kernels
from theory.position_kernels.properties import Property, broken
from theory.position_kernels.slopes import released_slopes
from theory.position_kernels.symbols import THREE, TWO, Family

F = Fraction
PRECISION = 300
Make = Callable[[Any], Mixture]
HEADS = (8, 12, 16)


@check(
    claims.log_convex,
    "derived",
    covers=True,
    scope={"sizes": "all kernels, weights and D", "method": "biases and kernels as symbols"},
)
def dominance_identities(step: int = 2, cross: int = 2, last: int = 1) -> Evidence:
    """Cauchy and Schwarz for two kernels, the start and the step of the telescoping sum, and the change of vector."""
    import sympy

    x1, x2, z1, z2 = sympy.symbols("x1 x2 z1 z2", positive=True)
    b = sympy.symbols(f"b0:{last + 3}", real=True)
    u = sympy.symbols("u0:2", real=True)
    gap = (x1 + x2) * (z1 + z2) - (sympy.sqrt(x1 * z1) + sympy.sqrt(x2 * z2)) ** 2
    early, middle, late = b[last : last + 3]
    before, after = 2 * (early - middle), 2 * (middle - late)  # D = last and the next, any b: the same for every D
    c = (-u[0], u[0] - u[1], u[1])
    form = sum(c[i] * c[j] * b[abs(i - j)] for i in range(3) for j in range(3))
    a = (2 * b[0] - 2 * b[1], 2 * b[1] - b[2] - b[0])
    squares = sum(u[i] * u[j] * a[abs(i - j)] for i in range(2) for j in range(2))
    residuals = {
        "log-convexity": gap - (x1 * z2 + x2 * z1 - cross * sympy.sqrt(x1 * x2 * z1 * z2)),
        "start": a[0] - 2 * (b[0] - b[1]),
        "step": after - before - step * (2 * middle - late - early),
        "difference": form - squares,
    }
    for name, residual in residuals.items():
        left = sympy.expand(sympy.expand(residual), power_base=True)
        if sympy.simplify(left) != 0:
            return fails(f"{name}: {left} is left", 0, left)
    return holds(cases=4)


control(dominance_identities, "step-once", "refuted", step=1, reason="a(D+1) stands twice in the symmetric sum")
control(dominance_identities, "no-square", "refuted", cross=1, reason="the gap is a square, cross term twice")
control(dominance_identities, "later-step", "confirmed", last=5, reason="the step is the same for every D")


def log_convex_pair(rate: Any) -> Mixture:
    return Mixture(three_kernels(rate).kernels[:2])


@check(
    claims.log_convex,
    "exhausted",
    given={"rate": (F(1), F(1, 4), F(1, 32))},
    scope={"sizes": "exponential and half-exponential, slopes 1, 1/4, 1/32, 60 positions"},
)
def no_failure_found(rate: Fraction, mixture: Make = log_convex_pair) -> Evidence | None:
    """All minors of the second differences are positive, in balls."""
    with ctx.workprec(PRECISION):
        found = broken(mixture(rate), Property.CONDITIONALLY, 60)
    if found is None:
        return None
    return fails(f"slope {rate}: {found} positions show it", "none", found)


control(no_failure_found, "gaussian", "refuted", mixture=two_kernels, reason="log-concave")
control(no_failure_found, "t5", "refuted", mixture=steps_in_t5, reason="flat, then a step: not log-convex")
control(no_failure_found, "alibi", "confirmed", mixture=alibi, reason="log-convex")


@check(
    claims.closed,
    "exhausted",
    given={"slope": [Root(F(e)) for e in (6, 5, 7, 8, 4, 3, 2, 1)]},
    scope={"sizes": "the released slopes of 8 heads, 80 positions"},
)
def mixture_keeps_it(slope: Root, mixture: Make = two_kernels, positions: int = 80) -> Evidence | None:
    """Each part alone is conditionally positive definite on so many positions, and so should be the mixture."""
    made = mixture(slope)
    with ctx.workprec(PRECISION):
        found = broken(made, Property.CONDITIONALLY, positions)
        if found is None:
            return None
        vector = witness(made, found)
    return fails(f"slope {slope}: {found} positions show it, c = {vector}", "none", found)


control(mixture_keeps_it, "three-kernels", "confirmed", mixture=three_kernels, reason="theorem three-kernels-released")
control(
    mixture_keeps_it, "30-positions", "confirmed", positions=30, reason="33 positions are needed, see fewest-positions"
)
control(mixture_keeps_it, "34-positions", "refuted", positions=34, reason="33 positions do")


def _slopes() -> tuple[Root, ...]:
    found = {slope.exponent: slope for heads in HEADS for slope in released_slopes(heads)}
    return tuple(found[e] for e in sorted(found))


def verdicts(slope: Root, family: Family, claim: str, last: Fraction, mixture: Make | None = None) -> Evidence:
    """A certificate of squares for a slope up to 2^-last, of a witness beyond."""
    with ctx.workprec(PRECISION):
        made = (mixture or family.mixture)(slope)
        if slope.exponent <= last:
            try:
                return holds(certificates=[positive_symbol(family, slope, claim, made)])
            except ValueError as error:
                return fails(f"slope {slope}: {error}", "positive")
        vector = witness(made, 120)
        if vector is None:
            return fails(f"slope {slope}: no 120 positions show it", "a witness", "none")
        return holds(certificates=[negative_form(made, vector, claim)])


@check(
    claims.two_released,
    "certified",
    given={"slope": _slopes()},
    covers=True,
    scope={"sizes": "the 16 distinct slopes of 8, 12 and 16 heads"},
)
def two_each_way(slope: Root, last: Fraction = F(7, 2), mixture: Make | None = None) -> Evidence:
    """Squares down to 2^-(7/2), a witness from 2^-4 on."""
    return verdicts(slope, TWO, claims.two_released.id, last, mixture)


control(two_each_way, "one-more-definite", "refuted", last=F(4), reason="2^-4 lies below the threshold")
control(two_each_way, "one-fewer", "refuted", last=F(3), reason="2^-(7/2) lies above the threshold")
control(two_each_way, "alibi", "refuted", mixture=alibi, reason="definite at every slope: there is no witness")
control(
    two_each_way,
    "reordered",
    "confirmed",
    mixture=lambda r: Mixture((Gaussian(r), Exponential(r))),
    symmetry="a sum",
)


@check(
    claims.two_released,
    "exhausted",
    given={"heads": HEADS},
    scope={"sizes": "8, 12 and 16 heads"},
)
def heads_that_fail(heads: int, counts: tuple[int, ...] = (5, 5, 9), family: Family = TWO) -> Evidence | None:
    """The symbol's sign, in balls, at each head's slope."""
    with ctx.workprec(PRECISION):
        failing = sum(definite(family, BALLS.number(slope)) is False for slope in released_slopes(heads))
    wanted = counts[HEADS.index(heads)]
    return None if failing == wanted else fails(f"{heads} heads: {failing} fail", wanted, failing)


control(heads_that_fail, "half", "refuted", counts=(4, 6, 8), reason="2^-4 fails, 2^-(7/2) does not")
control(heads_that_fail, "three-kernels", "confirmed", counts=(0, 0, 0), family=THREE, reason="three-kernels-released")


@check(
    claims.three_released,
    "certified",
    given=lambda run: {"slope": [s for s in _slopes() if s.exponent <= run.pick(3, 4)]},
    scope=lambda run: {"sizes": f"slopes down to 2^-{run.pick(3, 4)}"},
)
def three_squares(slope: Root, mixture: Make | None = None) -> Evidence:
    """Squares for each."""
    return verdicts(slope, THREE, claims.three_released.id, F(8), mixture)


control(
    three_squares,
    "gaussian-tripled",
    "refuted",
    mixture=lambda r: Mixture(three_kernels(r).kernels, (F(1, 100), F(1, 100), F(98, 100))),
    reason="almost the Gaussian alone, whose symbol vanishes, with what makes it negative",
)
control(
    three_squares, "reordered", "confirmed", mixture=lambda r: Mixture(three_kernels(r).kernels[::-1]), symmetry="a sum"
)


@check(
    claims.three_released,
    "exhausted",
    given={"slope": _slopes()},
    covers=True,
    scope={"sizes": "the 16 distinct slopes of 8, 12 and 16 heads"},
)
def three_symbols(slope: Root, family: Family = THREE, shift: int = 0) -> Evidence | None:
    """The symbol is positive on the whole circle, in balls."""
    with ctx.workprec(PRECISION):
        found = definite(family, BALLS.number(Root(slope.exponent + shift)))
    return None if found else fails(f"slope {Root(slope.exponent + shift)}: definite {found}", True, found)


control(three_symbols, "half-the-slopes", "refuted", shift=1, reason="2^-9 lies below the threshold")
control(three_symbols, "two-kernels", "refuted", family=TWO, reason="2^-4 lies below its threshold")
control(three_symbols, "twice-the-slopes", "confirmed", shift=-1, reason="farther above the threshold")
