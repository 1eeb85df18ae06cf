"""The closed form of an amount: its coefficients and the sizes inside its logarithms, each recovered by itself.

A line of a program reduces over d in every run; the sizes under its logarithms are d at every sample, and their coefficients
polynomials. So an amount {(): a, (n,): b} is recovered as a(sizes) + b(sizes) L(n(sizes)). A logarithm that is missing from a
sample is taken for L(1) there, which has no coefficient to show. Where a line's logarithms cannot be
matched from run to run, as in a loop that reduces over 1, 2, 3, ... elements, the number itself is fitted with L and 2**L of sizes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from fractions import Fraction

from theory.cost.amounts import Amount, value
from theory.cost.recovery.closed import Atom, Closed, Point, log_of
from theory.cost.recovery.fitting import Unfit, fit

__all__ = ["fit_amount"]

AmountSamples = Sequence[tuple[Point, Amount]]


def fit_amount(samples: AmountSamples, base: Point, chunks: Iterable[int] = ()) -> Closed | Unfit:
    """A closed form that meets every sample; or why there is none. `base` and `chunks` as in `fit`."""
    chunks = tuple(chunks)
    numbers = [(point, value(amount)) for point, amount in samples]
    if all(not any(amount) for _, amount in samples):
        return fit(numbers, base, chunks)
    shapes = Counter(tuple(map(len, amount)) for _, amount in samples)
    usual = max(shapes, key=lambda shape: (shapes[shape], shape))
    for lost in (None, *(k for k, length in enumerate(usual) if length == 1)):
        short = None if lost is None else (*usual[:lost], *usual[lost + 1 :])
        if short is not None and not shapes[short]:
            continue
        for order in (list, sorted):
            rows = []
            for p, amount in samples:
                terms: list[Term] = [(key, amount[key]) for key in order(amount)]
                shape = tuple(map(len, amount))
                if lost is not None and shape == short:
                    terms.insert(lost, ((1,), None))
                if shape in (usual, short):
                    rows.append((p, terms))
            found = _structured(rows, base, chunks)
            if not isinstance(found, Unfit) and all(found.at(p) == number for p, number in numbers):
                return found
    found = fit(numbers, base, chunks)
    if isinstance(found, Unfit) and not found.samples:
        return Unfit(f"its logarithms match no size from run to run, and {found.reason}")
    return found


Term = tuple[tuple[int, ...], Fraction | None]
"""The sizes inside logarithms, and the coefficient; None where no value of it would show."""


def _structured(samples: Sequence[tuple[Point, list[Term]]], base: Point, chunks: tuple[int, ...]) -> Closed | Unfit:
    """With the k-th logarithm of every sample taken for the same one."""
    total = Closed(())
    for k in range(len(samples[0][1])):
        factors: list[Atom] = []
        for place in range(len(samples[0][1][k][0])):
            inside = fit([(p, Fraction(terms[k][0][place])) for p, terms in samples], base, chunks)
            if isinstance(inside, Unfit):
                return inside
            factors.append(log_of(inside))
        shown = [(p, coefficient) for p, terms in samples if (coefficient := terms[k][1]) is not None]
        coefficient = fit(shown, base, chunks)
        if isinstance(coefficient, Unfit):
            return coefficient
        total = total + coefficient.times(factors)
    return total
