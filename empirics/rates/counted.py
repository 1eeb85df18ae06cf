"""How many basis functions lie below a level, beside what was printed and what was derived: the numbers of the plots, enclosed.

    second_terms     kappa(q) between two rationals
    excesses         log2 G(T) - zeta(q) T for a_i = i^q, beside kappa(q) T^(1/q) and the bound 4 T^(1/(q+1)) + 3 of the rest
    ratios           G(T) / (C_a 2^(T/a_1)) for mixed smoothness
    peaks            the supremum of that ratio between neighbouring multiples of a_1; short_of_two, what it lacks at most
    tied             G(T) / 2^(T/a_1) where k of the a_i are equal

Every interval is rational and encloses the number it stands for; turning it into float64 comes last, when it is drawn. Derived here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from theory.takakura_suzuki.constants import Enclosure, ball, constant, ends, product, reciprocal_sum
from theory.takakura_suzuki.counting import count
from theory.takakura_suzuki.expansion import error, is_lattice, kappa, log2_count
from theory.takakura_suzuki.smoothness import Power, Rational, Smoothness, rational

MOST_STEPS = 10**5
"""Steps of one enclosure of log2 G, about T^(1/(q+1)): a second or two."""


@dataclass(frozen=True)
class Excess:
    """One level T of a_i = i^q: `bits` encloses log2 G - zeta(q) T, `second` kappa(q) T^(1/q); the rest is within +-`allowed`."""

    q: Fraction
    T: int
    bits: Enclosure
    second: Enclosure
    allowed: Fraction

    @property
    def rest(self) -> Enclosure:
        """log2 G less both terms."""
        return self.bits[0] - self.second[1], self.bits[1] - self.second[0]

    @property
    def share(self) -> Fraction:
        """The rest as a share of its bound, by its middle."""
        return sum(self.rest) / (2 * self.allowed)


def second_terms(powers: Iterable[Rational], precision: int = 128) -> list[tuple[Fraction, Enclosure]]:
    """(q, kappa(q)) for each q. ValueError for q <= 1."""
    return [(Fraction(q), kappa(q, precision)) for q in powers]


def rule(q: Rational) -> Smoothness:
    """Anisotropic, a_i = i^q on infinitely many coordinates."""
    return Smoothness("anisotropic", Power(q))


def excess(q: Rational, T: int) -> Excess:
    """At one level. ValueError for q <= 1 and T <= 0; O(T^(1/(q+1))) steps, TooLarge above 2 * 10**7."""
    smoothness = rule(q)
    (low, high), (least, most) = log2_count(smoothness, T), reciprocal_sum(smoothness)
    growth, term = ends(ball(T) ** ball(1 / Fraction(q))), kappa(q)
    corners = [x * y for x in growth for y in term]
    return Excess(
        Fraction(q), T, (low - T * most, high - T * least), (min(corners), max(corners)), ends(error(q, T))[1]
    )


def excesses(q: Rational, levels: Iterable[int], steps: int = MOST_STEPS) -> list[Excess]:
    """At every level whose enclosure takes about `steps` steps at most: T^(1/(q+1)) <= steps."""
    return [excess(q, T) for T in levels if float(T) ** (1 / (1 + float(rational(q, "q")))) <= steps]


def ratios(smoothness: Smoothness, levels: Iterable[Rational]) -> list[Enclosure]:
    """G(T) / (C_a 2^(T/a_1)) at each level, G by the dynamic programme. ValueError unless mixed with a_1 < a_2."""
    low, high = constant(smoothness)
    found = []
    for T in levels:
        total, growth = count(smoothness, T), ends(ball(2) ** (ball(T) / smoothness.ball(1)))
        found.append((total / (high * growth[1]), total / (low * growth[0])))
    return found


def peaks(smoothness: Smoothness, multiples: Iterable[int]) -> list[Enclosure]:
    """sup of the ratio over a_1 n < T <= a_1 (n + 1) for each n, where all a_i / a_1 are integers.

    G is constant there, G(a_1 (n + 1)), and the bound least at the left end, which is not attained. ValueError for other a.
    """
    if not is_lattice(smoothness):
        raise ValueError(
            f"a = {smoothness.a}: G jumps at multiples of a_1 alone only where all a_i / a_1 are integers; give such a"
        )
    first, (low, high) = smoothness.exact(1), constant(smoothness)
    totals = [(n, count(smoothness, first * (n + 1))) for n in multiples]
    return [(total / (high * 2**n), total / (low * 2**n)) for n, total in totals]


def short_of_two(smoothness: Smoothness, n: int) -> Fraction:
    """What the supremum over a_1 n < T <= a_1 (n + 1) lacks of 2, at most: 2 R / C_a with the claimed bound of R at m = n + 1."""
    delta = (1 - smoothness.exact(1) / smoothness.exact(2)) / 2
    bound = 4 * ball(2) ** -(ball(delta) * (n + 1)) * product(smoothness, 1 - delta) / product(smoothness)
    return ends(bound)[1]


def tied(smoothness: Smoothness, levels: Iterable[int]) -> list[Fraction]:
    """G(T) / 2^(T/a_1) at levels that are multiples of a_1, exactly. ValueError for other levels."""
    first = smoothness.exact(1)
    found = []
    for T in levels:
        multiple = T / first
        if multiple.denominator > 1:
            raise ValueError(f"T = {T}: give multiples of a_1 = {first}, at which 2^(T/a_1) is an integer")
        found.append(Fraction(count(smoothness, T), 2**multiple.numerator))
    return found
