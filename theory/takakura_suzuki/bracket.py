"""kappa(q) < 0 and kappa(q) > 0 as inequalities in logarithms, exponentials and rationals, for a checker that knows no zeta function.

For 0 < s < 1 and N >= 2 the sums of Euler and Maclaurin

    S_J = sum_{m<N} m**-s + N**(1-s) / (s-1) + N**-s / 2 + sum_{j<=J} B_2j / (2j)! s (s+1) ... (s+2j-2) N**(-s-2j+1)

lie on both sides of zeta(s) in turn, below for even J and above for odd J, since the derivatives of x**-s keep their signs. The series
of the eps_m is cut at N: below what it is, and above once its telescoped rest, at most 2**(1-N) / log 2 (here 2**(2-N)), is added.
Source: Euler and Maclaurin's formula; the bounds are derived here.
"""

from __future__ import annotations

from fractions import Fraction
from math import comb, factorial, prod
from typing import Any

from theory.inequalities import certificate
from theory.takakura_suzuki.smoothness import Rational, rational


def bernoulli(most: int) -> list[Fraction]:
    """B_0, ..., B_most, with B_1 = -1/2."""
    found = [Fraction(1)]
    for n in range(1, most + 1):
        found.append(-sum((comb(n + 1, k) * found[k] for k in range(n)), Fraction(0)) / (n + 1))
    return found


def _power(base: int, exponent: Fraction) -> Any:
    return ["exp", ["*", exponent, ["log", base]]]


def bound(q: Rational, above: bool, terms: int = 24) -> Any:
    """An expression that is at least (above) or at most kappa(q), for q > 1; `terms` is N. Sharper by about 2**-N as N grows."""
    if rational(q, "q") <= 1:
        raise ValueError(f"q = {q}: the expansion needs q > 1")
    s, corrections = 1 / Fraction(q), terms // 4 * 2 + above
    numbers = bernoulli(2 * corrections)
    at_end = Fraction(1, 2) + Fraction(terms) / (s - 1)
    for j in range(1, corrections + 1):
        rising = prod(s + i for i in range(2 * j - 1))
        at_end += numbers[2 * j] / factorial(2 * j) * rising * Fraction(terms) ** (1 - 2 * j)
    gains = (["/", ["log", Fraction(2 ** (m + 1) - 1, 2 ** (m + 1) - 2)], ["log", 2]] for m in range(1, terms))
    body = [["*", ["+", 1, gain], _power(m, -s) if m > 1 else 1] for m, gain in enumerate(gains, start=1)]
    rest = Fraction(1, 2 ** (terms - 2)) if above else 0
    return ["+", *body, ["*", at_end, _power(terms, -s)], rest]


def certificates(low: Rational, high: Rational, claim: str, terms: int = 24) -> list[dict[str, Any]]:
    """kappa(low) < 0 and kappa(high) > 0."""
    return [
        certificate(bound(low, True, terms), "<", 0, claim),
        certificate(0, "<", bound(high, False, terms), claim),
    ]
