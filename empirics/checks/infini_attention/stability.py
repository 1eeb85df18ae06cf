"""Stability of the delta rule for M: B from the code, its spectrum decided over Q, the norm that it is about."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np
from hypothesis import strategies as st

from constructions.infini_attention.definite import is_semidefinite, scalar, symmetric
from constructions.infini_attention.streams import rows, written
from constructions.layers.infini_attention.memory import Memory
from empirics.checking import Evidence, Run, check, control, fails, holds
from empirics.checks.infini_attention.order import symbols
from empirics.checks.infini_attention.presentations import residue
from theory.infini_attention import stability as claims

Vector = tuple[int, ...]
Before = tuple[Vector, tuple[Vector, ...]]
"""z and the features of a segment."""


def segment_map(z: Any, phis: Any, rule: str = "delta") -> np.ndarray:
    """I - B, (d, d): what the code makes of the unit columns, with values 0."""
    d = len(z)
    start = Memory(rows([[int(i == j) for j in range(d)] for i in range(d)]), rows([z])[0])
    nothing = (0,) * d
    return written((tuple((phi, nothing) for phi in phis),), rule, start=start).matrix


def new_part(phis: tuple[Vector, ...]) -> tuple[int, ...]:
    return tuple(map(sum, zip(*phis, strict=True)))


@check(
    claims.perron,
    "derived",
    covers=True,
    scope={"sizes": "all segments", "method": "two tokens, two features, symbols"},
)
def eigenvector(rule: str = "delta", share: Fraction = Fraction(1)) -> Evidence:
    """z as a column of M loses exactly new; B is symmetric and its entries are sums of products over positive numbers."""
    import sympy

    memory, tokens = symbols(2, 2)
    z, phis = memory.normaliser, [phi for phi, _ in tokens]
    as_column = Memory(z[:, None], z)
    after = written((tuple((phi, (sympy.Integer(0),)) for phi in phis),), rule, start=as_column).matrix[:, 0]
    b = np.array([[int(i == j) for j in range(2)] for i in range(2)], dtype=object) - segment_map(tuple(z), phis, rule)
    weight = [sum(p * x for p, x in zip(phi, z, strict=True)) for phi in phis]
    part = sympy.Rational(share.numerator, share.denominator)
    found = {f"z {j}": z[j] - after[j] - part * (phis[0][j] + phis[1][j]) for j in range(2)}
    for i, j in product(range(2), repeat=2):
        found[f"B {i}{j}"] = b[i, j] - sum(phi[i] * phi[j] / w for phi, w in zip(phis, weight, strict=True))
    return residue(found)


control(eigenvector, "linear", "refuted", rule="linear", reason="it takes nothing away: B = 0")
control(eigenvector, "half-of-new", "refuted", share=Fraction(1, 2), reason="all of it")
control(eigenvector, "nothing-known", "confirmed", rule="delta-frozen", symmetry="no token marked as known")


@st.composite
def segments(draw: st.DrawFn) -> Before:
    """z and at most three tokens, at most three features 1 to 9."""
    d = draw(st.integers(1, 3))
    vector = st.tuples(*[st.integers(1, 9)] * d)
    return draw(vector), tuple(draw(st.lists(vector, min_size=1, max_size=3)))


def _given() -> dict[str, Any]:
    return {"before": segments()}


def ratios(before: Before) -> list[Fraction]:
    z, phis = before
    return [Fraction(n, x) for n, x in zip(new_part(phis), z, strict=True)]


def at_most(before: Before, number: Fraction) -> bool:
    """Whether rho(B) <= number: number I - B is positive semidefinite, exactly."""
    z, phis = before
    return is_semidefinite(segment_map(z, phis) + scalar(number - 1, len(z)))


@check(
    claims.bracket,
    "derived",
    covers=True,
    scope={"sizes": "all segments", "method": "two tokens, two features, symbols"},
)
def row_sums(rule: str = "delta", scaled: bool = True) -> Evidence:
    """The row sums of diag(z)^-1 B diag(z) are new_j / z_j."""
    import sympy

    memory, tokens = symbols(2, 2)
    z, phis = tuple(memory.normaliser), [phi for phi, _ in tokens]
    b = np.array([[sympy.Integer(i == j) for j in range(2)] for i in range(2)], dtype=object) - segment_map(
        z, phis, rule
    )
    sums = [sum(b[i, j] * (z[j] if scaled else 1) for j in range(2)) / (z[i] if scaled else 1) for i in range(2)]
    return residue({f"row {i}": sums[i] - (phis[0][i] + phis[1][i]) / z[i] for i in range(2)})


control(row_sums, "of-b-itself", "refuted", scaled=False, reason="B 1 is not B z")
control(row_sums, "linear", "refuted", rule="linear", reason="B = 0")
control(row_sums, "nothing-known", "confirmed", rule="delta-frozen", symmetry="no token marked as known")


@check(claims.euclidean, "derived", covers=True, scope={"sizes": "all segments", "method": "symbols"})
def symmetric_with_this_square(limit: int = 2, rule: str = "delta") -> Evidence:
    """I - B from the code is symmetric, and 1 - (1 - lambda)^2 = lambda (2 - lambda)."""
    import sympy

    memory, tokens = symbols(2, 2)
    step = segment_map(tuple(memory.normaliser), [phi for phi, _ in tokens], rule)
    size = sympy.Symbol("lambda", positive=True)
    return residue({"symmetric": step[0, 1] - step[1, 0], "the square": 1 - (1 - size) ** 2 - size * (limit - size)})


control(symmetric_with_this_square, "limit-1", "refuted", limit=1, reason="the sign turns at 2")
control(symmetric_with_this_square, "nothing-known", "confirmed", rule="delta-frozen", symmetry="no token marked")


@check(
    claims.bracket,
    "tested",
    given=_given(),
    scope={"sizes": "d <= 3, at most 3 tokens, features 1 to 9", "arithmetic": "Q"},
    examples=(40, 2000),
)
def radius_in_the_bracket(before: Before, above: Fraction = Fraction(1), below: Fraction = Fraction(1)) -> Evidence:
    """rho <= the greatest ratio, and not less than the least by any part of it: semidefinite or not, exactly."""
    found = ratios(before)
    low, high = below * min(found), above * max(found)
    told_ = f"z = {before[0]}, features {', '.join(map(str, before[1]))}"
    if not at_most(before, high):
        return fails(f"{told_}: rho > {high}", high, "more")
    if at_most(before, low * (1 - Fraction(1, 2**40))):
        return fails(f"{told_}: rho < {low}", low, "less")
    return holds()


control(radius_in_the_bracket, "lower-top", "refuted", above=Fraction(99, 100), reason="one channel: rho is the ratio")
control(radius_in_the_bracket, "higher-floor", "refuted", below=Fraction(101, 100), reason="one channel: rho is it")
control(radius_in_the_bracket, "wider", "confirmed", above=Fraction(2), below=Fraction(1, 2), reason="a weaker claim")


@check(
    claims.euclidean,
    "tested",
    given=_given(),
    scope={"sizes": "d <= 3, at most 3 tokens, features 1 to 9", "arithmetic": "Q"},
    examples=(40, 2000),
)
def euclidean_up_to_two(before: Before, limit: Fraction = Fraction(2)) -> Evidence:
    """I - (I - B)^2 is semidefinite exactly when limit I - B is; and by the ratios."""
    z, phis = before
    step = segment_map(z, phis)
    if not symmetric(step):
        return fails(f"z = {z}, features {phis}: I - B is not symmetric")
    shrinks = is_semidefinite(scalar(1, len(z)) - step @ step)
    found = ratios(before)
    told_ = f"z = {z}, features {', '.join(map(str, phis))}: non-expansive: {shrinks}"
    if shrinks != at_most(before, limit):
        return fails(told_, not shrinks, shrinks)
    if (max(found) <= limit and not shrinks) or (min(found) > limit and shrinks):
        return fails(f"{told_}, new / z = {', '.join(map(str, found))}")
    return holds()


control(euclidean_up_to_two, "limit-1", "refuted", limit=Fraction(1), reason="up to 2 the sign turns, no more")
control(euclidean_up_to_two, "limit-3", "refuted", limit=Fraction(3), reason="one channel trebling and more")


def _small(run: Run) -> dict[str, Any]:
    made: list[Before] = []
    for d in (1, 2):
        vectors = list(product((1, 2), repeat=d))
        made += [(z, phis) for n in (1, 2) for z in vectors for phis in product(vectors, repeat=n)]
    return {"before": made}


@check(claims.any_norm, "exhausted", given=_small, scope={"sizes": "d <= 2, at most 2 tokens, z and features 1 or 2"})
def largest_entry(before: Before, channels: int = 2, euclid: bool = False) -> Evidence:
    """Columns of signs: the row sums of |I - B| are what the largest entry can become."""
    z, phis = before[0][:channels], tuple(phi[:channels] for phi in before[1])
    if not at_most((z, phis), Fraction(2)):
        return holds(cases=0)
    step = segment_map(z, phis)
    if euclid:
        return holds() if is_semidefinite(scalar(1, len(z)) - step @ step) else fails(f"z = {z}")
    for row in step:
        if (size := sum(map(abs, row))) > 1:
            signs = tuple(1 if x > 0 else -1 for x in row)
            return fails(
                f"z = {z}, features {', '.join(map(str, phis))}: the column {signs} gets an entry {size}", 1, size
            )
    return holds()


control(largest_entry, "one-channel", "confirmed", channels=1, reason="one entry: the Euclidean norm")
control(largest_entry, "euclidean", "confirmed", euclid=True, reason="rho <= 2 is what that norm needs")
