"""The probability of separated scores by exact integration, and densities of stationary chains by going through all words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from itertools import pairwise, product
from math import comb, factorial

from empirics.checking import Evidence, Run, check, control, fails
from theory.takakura_suzuki import input_laws as claims

F = Fraction


def volume(gaps: Sequence[Fraction]) -> Fraction:
    """W! times the volume of 0 <= u_1, u_j + g_j <= u_(j+1), u_W <= 1, by W integrations of polynomials in u - (sum of gaps)."""
    polynomial, W = [F(1)], len(gaps) + 1
    start = F(0)
    for g in gaps:
        # from v - start, the integral from start to u - g is a polynomial in u - (start + g), the new start
        polynomial = [F(0), *(c / (k + 1) for k, c in enumerate(polynomial))]
        start += g
    end = 1 - start
    return factorial(W) * sum((c * end ** (k + 1) / (k + 1) for k, c in enumerate(polynomial)), F(0))


def places(gaps: Sequence[Fraction], m: int) -> Fraction:
    """The share of ordered W-tuples of cells 0..m-1 whose sorted cells keep distances of at least m g_j; by listing them."""
    W = len(gaps) + 1
    kept = 0
    for cells in product(range(m), repeat=W):
        row = sorted(cells)
        kept += all(b - a >= m * g for (a, b), g in zip(pairwise(row), gaps, strict=True))
    return F(kept, m**W)


def _gaps(run: Run) -> Iterator[tuple[Fraction, ...]]:
    yield ()
    for W in range(2, run.pick(5, 7)):
        for total in (F(0), F(1, 10), F(1, 2), F(1)):
            yield tuple(total * F(2 * j, W * (W - 1)) for j in range(1, W))


@check(
    claims.gaps,
    "exhausted",
    given=lambda run: {"gaps": list(_gaps(run))},
    scope={"sizes": "W up to 4, sums 0, 1/10, 1/2, 1"},
)
def probability_is_a_power(gaps: tuple[Fraction, ...], power: int = 0, ends: int = 0) -> Evidence | None:
    """The integral against (1 - sum g)^(W + power); `ends` counts the last gap again, as if it held at the end of [0, 1]."""
    found = volume(gaps)
    stated = max(1 - sum(gaps, F(0)) - ends * (gaps[-1] if gaps else 0), F(0)) ** (len(gaps) + 1 + power)
    return None if found == stated else fails(f"W = {len(gaps) + 1}, gaps {', '.join(map(str, gaps))}", stated, found)


control(probability_is_a_power, "power-less-one", "refuted", power=-1, reason="W scores move, not W - 1")
control(probability_is_a_power, "gap-at-the-end", "refuted", ends=1, reason="nothing keeps the last score from 1")


@check(
    claims.gaps,
    "exhausted",
    given={"W": (1, 2, 3), "m": (4, 6, 12)},
    scope={"sizes": "W up to 3 on grids of 4, 6 and 12 cells, equal gaps 1/4 and 1/2"},
)
def cells_agree(
    W: int, m: int, law: Callable[[int, Fraction], Fraction] = lambda W, g: (1 - (W - 1) * g) ** W
) -> Evidence | None:
    """Listed cells with distances m g: the shares of cells with distances m g + 1 and m g - 1 enclose the probability."""
    for g in (F(1, 4), F(1, 2)):
        if (W - 1) * g > 1 or (m * g).denominator > 1:
            continue
        low, high = (places((g + F(step, m),) * (W - 1), m) for step in (1, -1))
        if not low <= law(W, g) <= high:
            return fails(f"W = {W}, gap {g}, {m} cells", f"{low} to {high}", law(W, g))
    return None


control(
    cells_agree,
    "without-window",
    "refuted",
    law=lambda W, g: 1 - (W - 1) * g,
    reason="the power W is missing: 1/4 against 1/2",
)
control(
    cells_agree,
    "by-binomial",
    "confirmed",
    law=lambda W, g: sum((comb(W, k) * (-(W - 1) * g) ** k for k in range(W + 1)), F(0)),
    symmetry="the power written out",
)

CHAINS = tuple((F(p, 4), F(r, 4)) for p in range(1, 4) for r in range(1, 4))


def density(word: Sequence[int], stay: tuple[Fraction, Fraction], tilt: Fraction = F(0)) -> Fraction:
    """Density of a stationary chain, stay = P(0|0), P(1|1), with respect to independent tokens of its own stationary law.

    `tilt` makes the first token alone more often 0: a law that is not shift-invariant.
    """
    leave = 1 - stay[0], 1 - stay[1]
    law = leave[1] / sum(leave), leave[0] / sum(leave)
    found = 1 + tilt * (1 if word[0] == 0 else -law[0] / law[1])
    for x, y in pairwise(word):
        found *= (stay[x] if x == y else leave[x]) / law[y]
    return found


@check(
    claims.product_law,
    "exhausted",
    given={"stay": CHAINS},
    scope={"sizes": "nine chains of two states, words of up to 8 tokens"},
)
def bounded_means_independent(
    stay: tuple[Fraction, Fraction], tilt: Fraction = F(0), longest: int = 8, bound: int = 4
) -> Evidence | None:
    """A density that stays at most `bound` on all words of up to `longest` tokens is 1 on all of them."""
    words = [word for n in (1, 2, longest) for word in product((0, 1), repeat=n)]
    values = [density(word, stay, tilt) for word in words]
    if max(values) > bound or set(values) == {F(1)}:
        return None
    word = next(w for w, v in zip(words, values, strict=True) if v != 1)
    return fails(
        f"P(0|0) = {stay[0]}, P(1|1) = {stay[1]}, word {''.join(map(str, word))}", 1, density(word, stay, tilt)
    )


control(
    bounded_means_independent,
    "not-shift-invariant",
    "refuted",
    tilt=F(1, 8),
    reason="one token can have another law at no cost",
)
control(
    bounded_means_independent,
    "short-words",
    "refuted",
    longest=2,
    reason="two tokens of a dependent chain have a density of at most 4/3",
)
control(
    bounded_means_independent,
    "smaller-bound",
    "confirmed",
    bound=2,
    reason="a density above 4 is above 2; independent ones are 1",
)
