"""What the ReLU gadgets cost and how far they are off: formulas, as rational upper bounds. Derived here.

    square     0 <= S_J(t) - t^2 <= 4^-(J+1), reached in the middle of every piece
    cosine     off by at most 2 d (27 pi / 256 + d)  +  2 (4^m (c 4^-(J+1) + |c - pi^2 / 4^(m+1)|) + 4^-J (4^m - 1) / 3),
               d = 2^m arcsin(pi / 2^(m+1)) - pi / 2
    product    off by at most 4^-(J'+1), reached

The first part of the cosine's is from sin^2(theta) being taken for theta^2: w_0 = theta^2 is sin^2(phi), phi = arcsin(theta), and m
doublings carry phi to pi z / 2 + d(z), d(z) <= d z^3 as (arcsin(theta) - theta) / theta^3 increases; |cos(a + 2 d) - cos a| <= 2 d
(|sin a| + d), sin(pi z) <= pi (1 - z), and z^3 (1 - z) <= 27/256. The second is what squarings and the rounding of c add: a logistic
step multiplies an error by 4 at most.
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache

from flint import arb, ctx

FEWEST_LEVELS = 3
"""Sawtooth levels below which the weights of a logistic step would not be as counted here."""
PRECISION = 192
"""Bits of the balls that formulas are enclosed in."""


def upper(ball: arb) -> Fraction:
    """A rational at least the number enclosed."""
    mantissa, exponent = ball.upper().man_exp()
    return Fraction(int(mantissa)) * Fraction(2) ** int(exponent)


def lower(ball: arb) -> Fraction:
    """A rational at most the number enclosed."""
    return -upper(-ball)


def square_error(levels: int) -> Fraction:
    """4^-(J+1)."""
    return Fraction(1, 4 ** (levels + 1))


def scale_bits(steps: int, levels: int) -> int:
    """Binary places of the cosine's constant c: rounding it costs no more than 4^-(J+2)."""
    return 2 * (steps + levels) + 4


@lru_cache(maxsize=256)
def cosine_scale(steps: int, levels: int) -> Fraction:
    """c: pi^2 / 4^(m+1) to the nearest multiple of 2^-bits."""
    bits = scale_bits(steps, levels)
    with ctx.workprec(PRECISION + bits):
        nearest = (arb.pi() ** 2 * arb(2) ** (bits - 2 * steps - 2) + arb("0.5")).floor().unique_fmpz()
    assert nearest is not None, "pi^2 times a power of two is no half integer"
    return Fraction(int(nearest), 2**bits)


@lru_cache(maxsize=256)
def angle_error(steps: int) -> Fraction:
    """d = 2^m arcsin(pi / 2^(m+1)) - pi / 2, from above; m >= 1."""
    with ctx.workprec(PRECISION):
        return upper(arb(2) ** steps * (arb.pi() / arb(2) ** (steps + 1)).asin() - arb.pi() / 2)


def squaring_error(steps: int, levels: int) -> Fraction:
    """What the squarings and the rounding of c add to w_m; half of what they add to the cosine."""
    growth, tooth = 4**steps, square_error(levels)
    start = cosine_scale(steps, levels) * tooth + Fraction(1, 2 ** (scale_bits(steps, levels) + 1))
    return growth * start + Fraction(growth - 1, 3) * 4 * tooth


def cosine_error(steps: int, levels: int) -> Fraction:
    """The bound on the cosine's error, from above. ValueError outside m >= 1, J >= 3."""
    if steps < 1 or levels < FEWEST_LEVELS:
        raise ValueError(f"m = {steps}, J = {levels}: give m >= 1 logistic steps of J >= {FEWEST_LEVELS} levels")
    d = angle_error(steps)
    with ctx.workprec(PRECISION):
        turn = upper(arb.pi()) * Fraction(27, 256)
    return 2 * d * (turn + d) + 2 * squaring_error(steps, levels)


def product_error(levels: int) -> Fraction:
    """4^-(J'+1)."""
    return square_error(levels)


def basis_error(support: int, cosine: Fraction, product: Fraction) -> Fraction:
    """k eps_cos + (k - 1) eps_product: a product of k waves in [-1, 1], without the factor 2^(k/2)."""
    return support * cosine + max(support - 1, 0) * product


def wave_size(frequency: int, folds: int, steps: int, levels: int) -> tuple[int, int, int]:
    """Hidden layers, greatest width, and weights and biases that are not zero in hidden layers, of one wave."""
    depth = folds + 1 + levels * (steps + 1)
    count = 3 + (frequency > 0) + 5 * folds + (8 * levels - 4) + steps * (8 * levels - 5)
    return depth, 3, count


def _inside(eps: Fraction) -> None:
    if not 0 < eps < 1:
        raise ValueError(f"eps = {eps}: give a number between 0 and 1")


def cosine_levels(eps: Fraction) -> tuple[int, int]:
    """(m, J) of least depth J (m + 1) with a bound of at most eps. ValueError unless 0 < eps < 1."""
    _inside(eps)
    steps = 1
    while 2 * angle_error(steps) * angle_error(steps) > eps or cosine_error(steps, 3 * steps + 40) > eps:
        steps += 1
    choices = []
    for m in (steps, steps + 1):
        levels = FEWEST_LEVELS
        while cosine_error(m, levels) > eps:
            levels += 1
        choices.append((levels * (m + 1), m, levels))
    return min(choices)[1:]


def product_levels(eps: Fraction) -> int:
    """The least J' >= 2 with 4^-(J'+1) <= eps. ValueError unless 0 < eps < 1."""
    _inside(eps)
    levels = 2
    while product_error(levels) > eps:
        levels += 1
    return levels
