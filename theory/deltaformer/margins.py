"""Constants solved from margins: temperatures and gaps at which slot programs decode right, and error bounds. Derived here.

Everything returned is a Fraction on the safe side: temperatures and bounds are rounded up, by ball arithmetic.

*Exponential kernel.* E is how much the kernel differs from the indicator of equal slots, |E| <= eta entry by entry; for unit
codes that prefer themselves by `gap` = 1 - mu a temperature lam has eta = exp(-lam gap). R0 = (I + A0)^{-1} is exact.

- Quadratic bound. When |R0| <= 1 entry by entry, row t of |R0| |E| adds up to at most eta sum_{i<t} (t - i) = eta t (t-1) / 2,
  and U~ = (I + R0 E)^{-1} U. With rho = eta T (T-1) / 2 < 1 the error is at most rho / (1 - rho) max|U|.
- Linear bound. All tokens of one slot enter a kernel sum through that slot's content, so the noise of token t is at most eta
  times the contents of the other slots. Let l_t be the sum of their absolute values in the exact program, L = sum l_t, and
  G the most that the contents after a unit disturbance add up to. With D_t the sum of all noise up to t,
  D_t <= (1 + G eta) D_{t-1} + eta l_t, so the error is at most D_T <= eta L (1 + G eta)^T.

*Softmax with a position coordinate.* Scores lead by `gap` for every token that the newest match is newer than another, and by
gap (T + 1 - i + i*) over another slot's token at i when the newest match is at i*. The weight that leaks is at most
sum_{m>=1} e^{-gap m} + sum_{m>=2} e^{-gap m} = e^{-gap} (1 + e^{-gap}) / (1 - e^{-gap}) = delta, whatever T is, and the
error of u at pointer depth D is at most 2 delta D while delta <= 1/2.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from flint import arb, ctx, fmpq

GRID = 64
"""Temperatures are multiples of 1/64, exact in formats wide enough to hold them."""
BITS = 160
HALF = Fraction(1, 2)


def ball(x: Fraction | int) -> arb:
    """x as a ball, exact when it is dyadic; call within `precise`."""
    return arb(fmpq(Fraction(x).numerator, Fraction(x).denominator))


def precise() -> Any:
    """A context in which balls carry `BITS` bits."""
    return ctx.workprec(BITS)


def upper(x: arb) -> Fraction:
    """A rational number that is not below the ball."""
    mantissa, exponent = x.upper().man_exp()
    return Fraction(int(mantissa)) * Fraction(2) ** int(exponent)


def _raised(function: Callable[[], arb], grid: int = GRID) -> Fraction:
    """The least multiple of 1/grid that the ball shows to be enough."""
    with precise():
        whole = (function() * grid).upper().ceil().unique_fmpz()
    if whole is None:
        raise ValueError(f"{BITS} bits do not locate a temperature to 1/{grid}; it is too large")
    return Fraction(int(whole), grid)


def leak_of(temperature: Fraction, gap: Fraction) -> Fraction:
    """eta = exp(-temperature gap), rounded up."""
    with precise():
        return upper(ball(-temperature * gap).exp())


def quadratic_rho(tokens: int, eta: Fraction) -> Fraction:
    """rho = eta T (T-1) / 2."""
    return eta * tokens * (tokens - 1) / 2


def quadratic_error(tokens: int, eta: Fraction) -> Fraction:
    """rho / (1 - rho), the bound on max|U~ - U| / max|U|. Raises ValueError when rho >= 1, where there is none."""
    rho = quadratic_rho(tokens, eta)
    if rho >= 1:
        raise ValueError(
            f"T = {tokens}, eta = {float(eta):.3g}: rho = {float(rho):.3g} >= 1 bounds nothing; raise the temperature"
        )
    return rho / (1 - rho)


def quadratic_temperature(tokens: int, gap: Fraction, margin: Fraction = HALF) -> Fraction:
    """The least temperature, in steps of 1/64, whose quadratic bound is below `margin`: rho < margin / (1 + margin).

    For margin 1/2 it is ln(3 T (T-1) / 2) / gap, below ln(4 T^2) / gap. Raises ValueError unless gap and margin are positive.
    """
    _positive(gap=gap, margin=margin)
    needed = (1 + margin) * max(tokens * (tokens - 1), 1) / (2 * margin)
    return max(Fraction(1, GRID), _raised(lambda: ball(needed).log() / ball(gap)) + Fraction(1, GRID))


def linear_error(tokens: int, exposure: int, spread: int, eta: Fraction) -> Fraction:
    """eta L (1 + G eta)^T with L the exposure and G the spread, rounded up."""
    with precise():
        return upper(ball(eta * exposure) * ball(1 + spread * eta) ** tokens)


def linear_temperature(tokens: int, exposure: int, spread: int, gap: Fraction, margin: Fraction = HALF) -> Fraction:
    """A temperature whose linear bound is below `margin`: ln(L c / margin) / gap with exp(G T margin / (L c)) < c.

    c is the least such multiple of 1/16, so the temperature grows as ln T, not 2 ln T. ValueError as above.
    """
    _positive(gap=gap, margin=margin)
    step = Fraction(1, 16)
    c = 1 + step
    with precise():
        while not ball(spread * tokens * margin / (exposure * c)).exp() < ball(c):
            c += step
    return _raised(lambda: ball(exposure * c / margin).log() / ball(gap)) + Fraction(1, GRID)


def pointer_leak(gap: Fraction) -> Fraction:
    """delta = e^{-gap} (1 + e^{-gap}) / (1 - e^{-gap}), rounded up: the weight that softmax puts beside the newest match."""
    with precise():
        x = ball(-gap).exp()
        return upper(x * (1 + x) / (1 - x))


def pointer_error(depth: int, gap: Fraction) -> Fraction:
    """2 delta D, the bound on the error of u at pointer depth D. Raises ValueError when delta > 1/2, where it fails."""
    leak = pointer_leak(gap)
    if leak > HALF:
        raise ValueError(
            f"gap = {float(gap):.3g}: the leak {float(leak):.3g} exceeds 1/2 and bounds nothing; raise the gap"
        )
    return 2 * leak * depth


def pointer_gap(depth: int, margin: Fraction = HALF, grid: int = GRID) -> Fraction:
    """The least gap, a multiple of 1/grid, for which 2 delta D < margin. It grows as ln D and does not depend on T.

    delta < margin / (2 D) = s when x = e^{-gap} has x^2 + (1 + s) x - s < 0; solved for gap.
    """
    _positive(margin=margin)
    s = min(margin / (2 * max(depth, 1)), HALF)
    return _raised(lambda: -(((ball(1 + s) ** 2 + 4 * ball(s)).sqrt() - ball(1 + s)) / 2).log(), grid) + Fraction(
        1, grid
    )


def slot_temperature(tokens: int, gap: Fraction, code_gap: Fraction) -> Fraction:
    """gap (T + 1) / (1 - mu), rounded up to the grid: what makes an equal slot outweigh every difference of positions."""
    _positive(gap=gap, code_gap=code_gap)
    return Fraction(-(-gap * (tokens + 1) * GRID // code_gap), GRID)


def _positive(**numbers: Fraction) -> None:
    for name, value in numbers.items():
        if value <= 0:
            raise ValueError(
                f"{name} = {value}: it must be positive" + ("; two slots share a code" if "gap" in name else "")
            )
