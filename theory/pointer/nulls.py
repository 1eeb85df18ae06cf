"""Pointers that know nothing, and their exact statistics for every N: what a trained layer has to be told from.

A null says where position i of N points. Its statistics, all expectations, are

    total_hop  sum over i of |p_i - i|; the mean hop is total_hop / N
    own        positions that point at themselves; utilisation, as a public version of the code counts it, is 1 - own / N
    distinct   positions that somebody points at
    hops       positions at each hop distance 0, 1, ..., N - 1

in closed form, and `by_rows` computes the same from the law of each row alone. Rows are drawn independently, but for
`shared_scores`, where one random score for each position serves every row: p_i is the best of 0..i. Its rows have the law of
`uniform_causal`, hence the mean hop, whatever the scores' law without ties; so has any layer whose scores of one row are exchangeable,
such as an untrained one on rows that are drawn independently (not on tokens that repeat: equal rows tie). But it points at few
positions: those that beat all before them. Derived here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction

Law = Mapping[int, Fraction]
"""Probability by target."""


def harmonic(n: int) -> Fraction:
    """1 + 1/2 + ... + 1/n; 0 for n = 0."""
    return sum((Fraction(1, k) for k in range(1, n + 1)), Fraction(0))


def _uniform(targets: range) -> Law:
    return dict.fromkeys(targets, Fraction(1, len(targets)))


@dataclass(frozen=True)
class Null:
    """A null by name: the law of each row, and its statistics in closed form, for N >= 1."""

    name: str
    says: str
    row: Callable[[int, int], Law]
    """(i, N) -> where position i points."""
    total_hop: Callable[[int], Fraction]
    own: Callable[[int], Fraction]
    distinct: Callable[[int], Fraction]
    independent: bool = True

    def mean_hop(self, n: int) -> Fraction:
        """Mean of |p_i - i| over all n positions."""
        return self.total_hop(n) / n

    def utilisation(self, n: int) -> Fraction:
        """The share of positions that do not point at themselves."""
        return 1 - self.own(n) / n

    def hops(self, n: int) -> list[Fraction]:
        """The expected number of positions at each hop 0..n-1, from the rows; O(n^2) for the uniform ones."""
        found = [Fraction(0)] * n
        for i in range(n):
            for target, weight in self.row(i, n).items():
                found[abs(target - i)] += weight
        return found

    def by_rows(self, n: int) -> tuple[Fraction, Fraction, Fraction | None]:
        """(total_hop, own, distinct) from the rows; distinct is None where rows depend on each other. O(n^2)."""
        hops = self.hops(n)
        missed = [Fraction(1)] * n
        for i in range(n):
            for target, weight in self.row(i, n).items():
                missed[target] *= 1 - weight
        total = sum((h * count for h, count in enumerate(hops)), Fraction(0))
        return total, hops[0], n - sum(missed, Fraction(0)) if self.independent else None


def _one(target: Callable[[int, int], int]) -> Callable[[int, int], Law]:
    return lambda i, n: {target(i, n): Fraction(1)}


def quarter_square(n: int) -> Fraction:
    """floor(n^2 / 4)."""
    return Fraction(n * n // 4)


def _sure(value: int) -> Fraction:
    return Fraction(value)


UNIFORM_CAUSAL = Null(
    "uniform_causal",
    "any position up to its own, all equally likely",
    lambda i, n: _uniform(range(i + 1)),
    lambda n: Fraction(n * (n - 1), 4),
    harmonic,
    lambda n: Fraction(n + 1, 2),
)
UNIFORM_BEFORE = Null(
    "uniform_before",
    "any earlier position, all equally likely; the first points at itself",
    lambda i, n: _uniform(range(max(i, 1))),
    lambda n: Fraction((n - 1) * (n + 2), 4),
    lambda n: _sure(1),
    lambda n: max(Fraction(n, 2), _sure(1)),
)
UNIFORM_ALL = Null(
    "uniform_all",
    "any position, all equally likely",
    lambda i, n: _uniform(range(n)),
    lambda n: Fraction(n * n - 1, 3),
    lambda n: _sure(1),
    lambda n: n * (1 - (1 - Fraction(1, n)) ** n),
)
SHARED_SCORES = Null(
    "shared_scores",
    "the best of the positions up to its own, by one random score a position that all rows share",
    UNIFORM_CAUSAL.row,
    UNIFORM_CAUSAL.total_hop,
    harmonic,
    harmonic,
    independent=False,
)
CENTRE = Null(
    "centre",
    "all at floor((N - 1) / 2): the expected position under the uniform law over all positions, cut to an integer",
    _one(lambda i, n: (n - 1) // 2),
    quarter_square,
    lambda n: _sure(1),
    lambda n: _sure(1),
)
HALF_WAY = Null(
    "half_way",
    "at floor(i / 2): the expected position under the uniform law over the causal past, cut to an integer",
    _one(lambda i, n: i // 2),
    quarter_square,
    lambda n: _sure(1),
    lambda n: _sure((n + 1) // 2),
)
FIRST = Null(
    "first",
    "all at position 0",
    _one(lambda i, n: 0),
    lambda n: Fraction(n * (n - 1), 2),
    lambda n: _sure(1),
    lambda n: _sure(1),
)
PREVIOUS = Null(
    "previous",
    "each at the one before; the first points at itself",
    _one(lambda i, n: max(i - 1, 0)),
    lambda n: _sure(n - 1),
    lambda n: _sure(1),
    lambda n: _sure(max(n - 1, 1)),
)
OWN = Null("own", "each at itself", _one(lambda i, n: i), lambda n: _sure(0), _sure, _sure)

NULLS = {
    null.name: null
    for null in (
        UNIFORM_CAUSAL,
        UNIFORM_BEFORE,
        UNIFORM_ALL,
        SHARED_SCORES,
        CENTRE,
        HALF_WAY,
        FIRST,
        PREVIOUS,
        OWN,
    )
}


def collapsed_total_hop(target: int, n: int) -> Fraction:
    """Sum of |target - i| over n positions. ValueError when the target is no position."""
    if not 0 <= target < n:
        raise ValueError(f"target {target} of {n} positions: give a position from 0 to {n - 1}")
    before, after = target, n - 1 - target
    return Fraction(before * (before + 1) + after * (after + 1), 2)


def longest_hop_at_most(hop: int, n: int) -> Fraction:
    """P(no hop above `hop`) for uniform_causal: row i >= hop stays within it with probability (hop + 1) / (i + 1)."""
    found = Fraction(1)
    for i in range(hop + 1, n):
        found *= Fraction(hop + 1, i + 1)
    return found
