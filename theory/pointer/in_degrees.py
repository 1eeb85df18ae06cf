"""How many positions point at one, when each points uniformly and independently: exact tails, and what a level allows.

Row i points at one of the first m_i positions, all equally likely; m_0, m_1, ... are the widths: i + 1 for the causal past, N for all.
The in-degree of position j is then a sum of independent Bernoulli(1 / m_i) over the rows with m_i > j, a Poisson-binomial variable;
binomial where all widths are N, and only there. Rows are added one by one, from the last position back. Derived here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

WIDTHS: dict[str, Callable[[int], list[int]]] = {
    "uniform_causal": lambda n: list(range(1, n + 1)),
    "uniform_before": lambda n: [max(i, 1) for i in range(n)],
    "uniform_all": lambda n: [n] * n,
}
"""Widths of N rows under the uniform nulls of `theory.pointer.nulls`."""


def tails(widths: Sequence[int], *, exact: bool = False) -> Iterator[tuple[int, np.ndarray]]:
    """For each position j, from the last back: (j, P(in-degree >= c) for c = 0..R), R rows with m_i > j.

    exact: fractions in an object array. In float64 all terms are positive and 1/m, (m-1)/m, two products and a sum are rounded a row
    and a value, then at most R sums: relative error at most gamma_(5 R), down to underflow. Work O(N^2), 3 operations a term.
    """
    one: Any = Fraction(1) if exact else 1.0
    law: np.ndarray = np.array([one], dtype=object if exact else np.float64)
    order = sorted(widths, reverse=True)
    added = 0
    for j in range(len(widths) - 1, -1, -1):
        while added < len(order) and order[added] > j:
            m = order[added]
            law = np.append(law, law[:1] * 0) * ((m - 1) * one / m) + np.append(law[:1] * 0, law) * (one / m)
            added += 1
        yield j, np.add.accumulate(law[::-1])[::-1]


def allowed(widths: Sequence[int], level: float | Fraction, tests: int, *, exact: bool = False) -> list[int]:
    """For each position the most in-degree that is no cluster: P(in-degree > allowed) <= level / tests.

    With `tests` positions looked at in all, the chance of any cluster is at most `level` under the null (Bonferroni), however the
    in-degrees depend on each other.
    """
    found = [0] * len(widths)
    for j, tail in tails(widths, exact=exact):
        found[j] = int(np.count_nonzero(tail > level / tests)) - 1
    return found
