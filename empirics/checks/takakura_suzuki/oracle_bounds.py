"""The exact oracle risk between closed forms, in balls; and its slope over a window."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction

from empirics.checking import Evidence, assume, check, control, fails, holds
from empirics.rates.curves import powers
from empirics.rates.oracle import exponent, oracle
from empirics.rates.slopes import exact_slope
from theory.takakura_suzuki import measured_rates as claims
from theory.takakura_suzuki.constants import effective, ends, product
from theory.takakura_suzuki.smoothness import Power, Smoothness, anisotropic, mixed

F = Fraction
LINEAR, SQUARES = Smoothness("mixed", Power(1)), Smoothness("mixed", Power(2))
HALVES = Smoothness("mixed", Power(1, F(1, 2)))
CLASSES = (mixed(1), mixed(1, 2), SQUARES, LINEAR, mixed(F(1, 2), F(3, 2)), HALVES)


@dataclass(frozen=True)
class Bounds:
    """low <= (R + offset)^power and R^power <= high, None where the upper bound does not apply: rational, as R is."""

    power: int
    offset: Fraction
    low: Fraction
    high: Fraction | None


def mixed_bounds(smoothness: Smoothness, e: Fraction) -> Bounds:
    """K e^r - e and K (2 C_a e)^r to the power 2a + 1, for 2a an integer; C_a by the lower end of its enclosure."""
    a, C = smoothness.exact(1), ends(product(smoothness))[0]
    K = (2 * a + 1) ** int(2 * a + 1) / (2 * a) ** int(2 * a)
    return Bounds(int(2 * a + 1), e, K * e ** int(2 * a), K * (2 * C * e) ** int(2 * a) if C * e <= a else None)


def isotropic_bounds(smoothness: Smoothness, e: Fraction) -> Bounds:
    """(1 + 2/d) c^(2/(2+d)) to the power 2 + d, for c = e d / 2^(d+1), at most 1, and for c = e d (3/2)^d / 2."""
    d = smoothness.dimension or 1
    constant, low, high = F(d + 2, d) ** (d + 2), e * F(d, 2 ** (d + 1)), e * d * F(3, 2) ** d / 2
    return Bounds(d + 2, F(0), min(F(1), constant * low**2), constant * high**2 if high <= F(1, 2 ** (d + 2)) else None)


def _between(case: tuple[Smoothness, int], bounds: Callable[[Smoothness, Fraction], Bounds]) -> Evidence:
    smoothness, k = case
    found = oracle(smoothness, 2**k, 1)
    bound = bounds(smoothness, F(1, 2**k))
    words = f"{smoothness.kind}, a = {smoothness.a}, n = 2^{k}: R = {float(found.risk):.6g} at N = {found.N}"
    if bound.low > (found.risk + bound.offset) ** bound.power:
        least = float(bound.low) ** (1 / bound.power) - float(bound.offset)
        return fails(f"{words}, the lower bound is {least:.6g}", f">= {least:.6g}", float(found.risk))
    if bound.high is not None and found.risk**bound.power > bound.high:
        most = float(bound.high) ** (1 / bound.power)
        return fails(f"{words}, the upper bound is {most:.6g}", f"<= {most:.6g}", float(found.risk))
    return holds()


def _cases(classes: tuple[Smoothness, ...], most: int) -> list[tuple[Smoothness, int]]:
    return [(smoothness, k) for k in range(0, most + 1, 2) for smoothness in classes]


@check(
    claims.oracle_mixed,
    "exhausted",
    given=lambda run: {"case": _cases(CLASSES, run.pick(18, 28))},
    scope=lambda run: {"sizes": f"six a, n = 1..2^{run.pick(18, 28)}, sigma = 1"},
)
def mixed_oracle_between(case: tuple[Smoothness, int], bounds: Callable[..., Bounds] = mixed_bounds) -> Evidence:
    """The exact minimum against the two closed forms."""
    return _between(case, bounds)


def _scaled(bounds: Callable[[Smoothness, Fraction], Bounds], factor: Fraction) -> Callable[..., Bounds]:
    """The lower bound divided by a factor, the upper one multiplied."""

    def made(smoothness: Smoothness, e: Fraction) -> Bounds:
        found = bounds(smoothness, e)
        scale = factor**found.power
        return replace(found, low=found.low / scale, high=None if found.high is None else found.high * scale)

    return made


def _double_smoothness(smoothness: Smoothness, e: Fraction) -> Bounds:
    return mixed_bounds(mixed(2 * smoothness.exact(1)), e)


def _one_coordinate(smoothness: Smoothness, e: Fraction) -> Bounds:
    return mixed_bounds(mixed(smoothness.exact(1)), e)


control(
    mixed_oracle_between, "twice-the-smoothness", "refuted", bounds=_double_smoothness, reason="the exponent is another"
)
control(
    mixed_oracle_between,
    "one-coordinate",
    "refuted",
    bounds=_one_coordinate,
    reason="without C_a the bound is that of the first coordinate alone",
)
control(
    mixed_oracle_between,
    "half-apart",
    "refuted",
    bounds=_scaled(mixed_bounds, F(1, 2)),
    reason="C_a = 1 leaves 2^(2/3)",
)
control(mixed_oracle_between, "wider", "confirmed", bounds=_scaled(mixed_bounds, F(2)), reason="weaker bounds")

ISOTROPIC = tuple(anisotropic(*[1] * d) for d in (1, 2, 3, 4, 8))


@check(
    claims.oracle_isotropic,
    "exhausted",
    given=lambda run: {"case": _cases(ISOTROPIC, run.pick(24, 34))},
    scope=lambda run: {"sizes": f"d = 1, 2, 3, 4, 8, n = 1..2^{run.pick(24, 34)}, sigma = 1"},
)
def isotropic_oracle_between(
    case: tuple[Smoothness, int], bounds: Callable[..., Bounds] = isotropic_bounds
) -> Evidence:
    """The exact minimum against the two closed forms."""
    return _between(case, bounds)


def _dimension_free(smoothness: Smoothness, e: Fraction) -> Bounds:
    return isotropic_bounds(anisotropic(1), e)


control(
    isotropic_oracle_between,
    "dimension-free",
    "refuted",
    bounds=_dimension_free,
    reason="the exponent is that of d = 1",
)
control(
    isotropic_oracle_between,
    "next-dimension",
    "refuted",
    bounds=lambda s, e: isotropic_bounds(anisotropic(*[1] * ((s.dimension or 1) + 1)), e),
    reason="the exponent is that of d + 1",
)
control(isotropic_oracle_between, "wider", "confirmed", bounds=_scaled(isotropic_bounds, F(2)), reason="weaker bounds")

WINDOW = powers(8, 13)
CLOSE = F(1, 100)


@check(
    claims.settled,
    "exhausted",
    given={"smoothness": [anisotropic(1), SQUARES, LINEAR, Smoothness("anisotropic", Power(2))]},
    covers=True,
    scope={"sizes": "n = 2^8..2^13, sigma = 1"},
)
def slope_is_the_exponent(
    smoothness: Smoothness,
    n: tuple[int, ...] = WINDOW,
    exact: Callable[[Fraction], Fraction] = exponent,
    most: int | None = None,
) -> Evidence | None:
    """The slope of the exact oracle over the window against -2 a+ / (2 a+ + 1); `most` coordinates, or any number."""
    assume(most is None or (smoothness.dimension or most + 1) <= most)
    found = exact_slope(n, [float(oracle(smoothness, m, 1).risk) for m in n])
    wanted = float(exact(effective(smoothness)[0]))
    if abs(found - wanted) <= CLOSE:
        return None
    words = f"{smoothness.kind}, a = {smoothness.a}, n = {n[0]}..{n[-1]}: the slope is {found:.4f}, the exponent {wanted:.4f}"
    return fails(words, f"{wanted:.4f} to within {CLOSE}", f"{found:.4f}")


MILLION = powers(16, 21)
control(
    slope_is_the_exponent,
    "one-coordinate-at-a-million",
    "confirmed",
    n=MILLION,
    most=1,
    reason="there the second term is 2^-5 of the first or less",
)
control(
    slope_is_the_exponent,
    "any-at-a-million",
    "refuted",
    n=MILLION,
    reason="with infinitely many coordinates the exponent has not settled at a million either",
)
control(
    slope_is_the_exponent,
    "twice-the-exponent",
    "refuted",
    n=MILLION,
    most=1,
    exact=lambda a: exponent(2 * a),
    reason="that is the exponent of twice the smoothness",
)
