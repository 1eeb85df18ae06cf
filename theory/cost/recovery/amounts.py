"""The closed form of an amount: its coefficients and the sizes inside its logarithms, each recovered by itself.

A line of a program reduces over d in every run; the sizes under its logarithms are d at every sample, and their coefficients
polynomials. So an amount {(): a, (n,): b} is recovered as a(sizes) + b(sizes) L(n(sizes)). Where a line's logarithms cannot be
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
    alike = [(p, a) for p, a in samples if tuple(map(len, a)) == usual]
    for order in (list, sorted):
        found = _structured([(p, [(key, a[key]) for key in order(a)]) for p, a in alike], base, chunks)
        if not isinstance(found, Unfit) and all(found.at(p) == number for p, number in numbers):
            return found
    found = fit(numbers, base, chunks)
    if isinstance(found, Unfit) and not found.samples:
        return Unfit(f"its logarithms match no size from run to run, and {found.reason}")
    return found


def _structured(
    samples: Sequence[tuple[Point, list[tuple[tuple[int, ...], Fraction]]]], base: Point, chunks: tuple[int, ...]
) -> Closed | Unfit:
    """With the k-th logarithm of every sample taken for the same one."""
    total = Closed(())
    for k in range(len(samples[0][1])):
        factors: list[Atom] = []
        for place in range(len(samples[0][1][k][0])):
            inside = fit([(p, Fraction(terms[k][0][place])) for p, terms in samples], base, chunks)
            if isinstance(inside, Unfit):
                return inside
            factors.append(log_of(inside))
        coefficient = fit([(p, terms[k][1]) for p, terms in samples], base, chunks)
        if isinstance(coefficient, Unfit):
            return coefficient
        total = total + coefficient.times(factors)
    return total
