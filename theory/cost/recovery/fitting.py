"""The closed form of one integer function of the sizes, from its values at some of them.

*Along one symbol at a time.* Samples that differ from the base point in one symbol x alone show how the function depends on x: as a
polynomial, else with ceiling or Min of x and another size (which rests at its base value on this line), else with L(x) and 2**L(x),
else with ceiling(x/m) for a chunk m that the program holds. Powers of plain and involved atoms are read off there.

*Together.* The function is sought in the span of all products of those powers, and the linear system of all samples has to be solved
exactly. A solution that meets more samples than it has coefficients by `SPARE` at least is accepted; nothing is ever rounded. That the
function is such a combination at all is an assumption which only further samples can test.

Derived here; the univariate part is Newton's interpolation with a zero remainder demanded.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from theory.cost.recovery.closed import (
    Atom,
    Closed,
    Monomial,
    Point,
    ceiling_of,
    chunks_of,
    constant,
    log_of,
    minimum_of,
    power_of_two_above,
    size,
)
from theory.cost.recovery.linear import solve_columns, witnessed

__all__ = ["SPARE", "Unfit", "fit"]

SPARE = 2
"""Samples beyond the number of coefficients that a solution has to meet."""
LARGEST_DEGREE = 5
FEWEST_ON_A_LINE = 5
MOST_COLUMNS = 400
WIDER = 6
"""How many times larger the other sizes are on the second line along a size."""
CHUNKS = (2, 3, 4, 5, 6, 7, 8, 10, 12, 16, 24, 32, 48, 64, 96, 128, 256)
"""Chunk lengths tried when a program holds one as a number; `fit` takes others by name."""

Samples = Sequence[tuple[Point, Fraction]]
Powers = dict[Atom, int]
"""The highest power of each atom."""


@dataclass(frozen=True)
class Unfit:
    """No closed form was found: why. With more samples it may be: `samples` in all, or lines `through` a point."""

    reason: str
    samples: int = 0
    through: Point | None = None


def fit(samples: Samples, base: Point, chunks: Iterable[int] = ()) -> Closed | Unfit:
    """The function's closed form, which meets every sample; or why there is none.

    `samples` pair points with values and include lines through `base`, at least five points in each symbol for a quadratic.
    `chunks` are lengths to try in ceiling(x/m) before the usual ones. The cost is that of a few eliminations.
    """
    values = {value for _, value in samples}
    if len(values) == 1:
        return constant(values.pop())
    boxes: list[Powers] = []
    for x in sorted(base):
        powers = _through(x, samples, base, (*chunks, *CHUNKS))
        if isinstance(powers, Unfit):
            return powers
        boxes.append(powers)
    found = _together(samples, _joined(boxes))
    if isinstance(found, Unfit) and not found.samples and len(base) > 1:
        hidden = {atom: 1 for x, y in itertools.combinations(sorted(base), 2) for atom in _pairs(x, y)}
        for atom in hidden:  # a pair may look plain on both lines, as Min(K, N) does when K is below N all along
            again = _together(samples, _joined([*boxes, {atom: 1}]))
            if not isinstance(again, Unfit):
                return again
    return found


def _pairs(x: str, y: str) -> tuple[Atom, ...]:
    """What two sizes make together; nothing is divided by t, which starts from 0."""
    quotients = (ceiling_of(a, b) for a, b in ((x, y), (y, x)) if b != "t")
    return *quotients, minimum_of(x, y)


def _through(x: str, samples: Samples, base: Point, chunks: Sequence[int]) -> Powers | Unfit:
    """The powers along x, by the line through the base point, or else by one where the other sizes are larger: a small size has too few
    chunks to tell."""
    unfit = None
    for wider in (1, WIDER) if len(base) > 1 else (1,):
        center = {y: v if y == x or wider == 1 else wider * v + 1 for y, v in base.items()}
        line = [(p, v) for p, v in samples if all(p[y] == center[y] for y in base if y != x)]
        if len({p[x] for p, _ in line}) < FEWEST_ON_A_LINE:
            return Unfit(f"too few samples along {x}", through=center)
        powers = _along(x, line, sorted(set(base) - {x}), chunks)
        if powers is not None:
            return powers
        told = ", ".join(f"{v} at {x} = {p[x]}" for p, v in line[:4])
        unfit = unfit or Unfit(f"along {x} it follows no known family ({told}, ...)")
    assert unfit is not None
    return unfit


def _along(x: str, line: Samples, others: Sequence[str], chunks: Iterable[int]) -> Powers | None:
    """The highest powers, in x and in atoms of x, of the plainest family that meets the line with samples to spare."""
    for box in _families(x, others, chunks):
        found = _solved(line, _monomials(box))
        if found is None or found[1] + SPARE > len({p[x] for p, _ in line}):
            continue
        if witnessed(_rows(line, _monomials(box)), SPARE):
            return _powers_of(found[0], x)
    return None


def _families(x: str, others: Sequence[str], chunks: Iterable[int]) -> Iterator[Powers]:
    for degree in range(LARGEST_DEGREE + 1):
        yield {size(x): degree}
    for degree in (0, 1, 2):
        for y in others:
            for atom in _pairs(x, y):
                yield {size(x): degree, atom: max(degree, 1)}
    log = log_of(Closed(((Fraction(1), ((size(x), 1),)),)))
    above = power_of_two_above(x)
    yield {size(x): 1, log: 1}
    yield {size(x): 1, log: 1, above: 1}
    yield {size(x): 2, log: 2}
    yield {size(x): 2, log: 1, above: 1}
    for m in dict.fromkeys(chunks):
        yield {size(x): 1, chunks_of(x, m): 1}
    for m in dict.fromkeys(chunks):
        yield {size(x): 2, chunks_of(x, m): 2}


def _powers_of(found: Closed, x: str) -> Powers:
    powers: Powers = {size(x): 0}
    for _, monomial in found.terms:
        for atom, power in monomial:
            powers[atom] = max(powers.get(atom, 0), power)
    return powers


def _joined(boxes: Iterable[Powers]) -> Powers:
    joined: Powers = {}
    for box in boxes:
        for atom, power in box.items():
            joined[atom] = max(joined.get(atom, 0), power)
    return joined


def _monomials(box: Powers) -> list[Monomial]:
    """All products of powers within the box, plain and low ones first."""
    ranges = [[(atom, power) for power in range(top + 1)] for atom, top in box.items()]
    products = [tuple((a, k) for a, k in choice if k) for choice in itertools.product(*ranges)]
    ordered = (tuple(sorted(m, key=lambda pair: (pair[0].weight, pair[0].text))) for m in products)
    return sorted(
        ordered, key=lambda m: (sum(a.weight > 0 for a, _ in m), sum(k for _, k in m), [a.text for a, _ in m])
    )


def _solved(samples: Samples, monomials: Sequence[Monomial]) -> tuple[Closed, int] | None:
    solved = solve_columns(_rows(samples, monomials), [v for _, v in samples])
    if solved is None:
        return None
    coefficients, rank = solved
    return Closed(tuple((c, m) for c, m in zip(coefficients, monomials, strict=True) if c)), rank


def _rows(samples: Samples, monomials: Sequence[Monomial]) -> list[list[int]]:
    powers: dict[tuple[int, Atom], int] = {}
    rows = []
    for i, (point, _) in enumerate(samples):
        row = []
        for monomial in monomials:
            product = 1
            for atom, power in monomial:
                if (i, atom) not in powers:
                    powers[i, atom] = atom.at(point)
                product *= powers[i, atom] ** power
            row.append(product)
        rows.append(row)
    return rows


def _together(samples: Samples, box: Powers) -> Closed | Unfit:
    columns = 1
    for top in box.values():
        columns *= top + 1
    if columns > MOST_COLUMNS:
        return Unfit(f"{columns} products of powers would have to be told apart")
    if columns + SPARE > len(samples):
        return Unfit(f"{columns} coefficients need as many samples", columns + SPARE)
    found = _solved(samples, _monomials(box))
    if found is None:
        atoms = ", ".join(f"{atom.text} to the {top}" for atom, top in box.items() if top)
        return Unfit(f"no combination of products of {atoms or 'constants'} meets all samples")
    closed, rank = found
    if rank + SPARE > len(samples):
        return Unfit("too few samples to spare", rank + SPARE)
    if not witnessed(_rows(samples, _monomials(box)), SPARE):
        return Unfit("some coefficients rest on single samples", 2 * columns + SPARE)
    return closed
