"""What a fixed order can know of a function of the sorted tokens: exact risks of the best function of the tokens alone. Derived here.

The value is g(x_sigma(1), x_sigma(2), ...), g = sum_m c_m psi_m, sigma(j) the place of the j-th most important of W tokens: a uniform
permutation that is independent of the tokens x, which are independent and uniform. Whoever reads x in a fixed order and not the
importances can at best predict the mean over sigma,

    b_l = (c over all m with the frequencies of l, summed) * (W - k)! prod(mult!) / W!

k the size of the support, mult how often each frequency occurs: a permutation carries m to l in prod(mult!) of W! / (W - k)! ways. A
single wave keeps the share 1 / W of its energy.

A fixed order that sees importances fares little better, as the target jumps where two change places. For W = 2 with independent uniform
importances u, v a wave is 1[u > v] psi(x_1) + 1[v > u] psi(x_2), and 1[u > v] has Fourier coefficients of square 1 / (4 pi^2 k^2) at
(0, k), (k, 0) and (k, -k) only, k != 0: `pair_tail`. So N functions leave about N^(-1/2), however smooth psi is.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

Index = tuple[int, ...]


def frequencies(index: Sequence[int]) -> Index:
    """The frequencies that are not zero, sorted: what a permutation of the coordinates leaves."""
    return tuple(sorted(int(x) for x in index if x))


def share(signature: Index, window: int) -> Fraction:
    """(W - k)! prod(mult!) / W!: how likely a random order carries a function with these frequencies to a given one of them.

    ValueError where the window is smaller than the support.
    """
    if len(signature) > window:
        raise ValueError(
            f"a function of {len(signature)} tokens in a window of W = {window}: give at least as many tokens"
        )
    alike = math.prod(math.factorial(count) for count in Counter(signature).values())
    return Fraction(alike * math.factorial(window - len(signature)), math.factorial(window))


def _sums(coefficients: Mapping[Index, Fraction]) -> dict[Index, Fraction]:
    sums: dict[Index, Fraction] = {}
    for index, c in coefficients.items():
        sums[frequencies(index)] = sums.get(frequencies(index), Fraction(0)) + Fraction(c)
    return sums


def projection(coefficients: Mapping[Index, Fraction], kept: Iterable[Index], window: int) -> list[Fraction]:
    """b_l for the kept indices: the target as a fixed order sees it."""
    sums = _sums(coefficients)
    return [sums.get(frequencies(index), Fraction(0)) * share(frequencies(index), window) for index in kept]


def floor(coefficients: Mapping[Index, Fraction], window: int) -> Fraction:
    """The least risk of any function of the tokens in a fixed order, without the importances: |g|^2 less the mean's squared norm."""
    norm = sum((Fraction(c) ** 2 for c in coefficients.values()), Fraction(0))
    return norm - sum(
        (total**2 * share(signature, window) for signature, total in _sums(coefficients).items()), Fraction(0)
    )


def pair_functions(K: int) -> int:
    """2 (2 K + 1)^2: waves of either token times frequencies of the two importances up to K."""
    return 2 * (2 * K + 1) ** 2


def pair_tail(K: int) -> float:
    """(3 / pi^2) sum over k > K of 1 / k^2, at most 3 / (pi^2 K): what these functions leave of a wave of norm 1, W = 2.

    ValueError for K < 0.
    """
    if K < 0:
        raise ValueError(f"K = {K}: keep frequencies up to 0 or more")
    return 1 / 2 - 3 / math.pi**2 * math.fsum(1 / k**2 for k in range(1, K + 1))
