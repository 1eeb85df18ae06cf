"""Steps that bring a case of a growth proof to slacks >= 0 and nothing else, in the words of the trusted checker.

In order: each min by one operand, floors and powers of two by their bounds, the L of what is no size by the L of a product,
logarithms, sizes (by their least value, by a condition, or by a polynomial in their L), and last the L's of sizes. Where
there are several ways they are tried one after another. The checker's own steps do the algebra. Derived here.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

from theory import checker
from theory.growth.checked import as_json
from theory.growth.trees import names

__all__ = ["Poly", "Step", "ended", "only_unshown"]

MOST_CHOICES = 36

Step = list[Any]
Poly = dict[Any, Any]


def only_unshown(rejected: checker.Rejected) -> None:
    """Goes on where a step does not apply; anything else is raised again."""
    if rejected.reason not in ("not-shown", "out-of-range"):
        raise rejected


def _applied(poly: Poly, step: Step, known: checker.Known, number: int) -> Poly:
    """The polynomial after a step, as the checker has it."""
    name, *arguments = step
    return checker.after(poly, number, checker.STEPS[name][1](known, *arguments), known.budget)


def _atoms(poly: Poly) -> list[Any]:
    return list(dict.fromkeys(atom for key in poly for atom, _ in key))


def ended(poly: Poly, known: checker.Known, before: Sequence[Step] = ()) -> Iterator[tuple[list[Step], Poly]]:
    """Ways to bring a polynomial to slacks and nothing else: first each min by one operand, then floors and the L of what is no
    size, then logarithms and sizes."""
    branch = next((a for a in _atoms(poly) if a[0] == ("min" if _falls(a, poly) else "max")), None)
    if branch is not None:
        for k in range(len(branch) - 1):
            step = ["part", as_json(branch), k]
            yield from ended(_applied(poly, step, known, len(before)), known, [*before, step])
        return
    first = list(before)
    while True:
        step = next(filter(None, (_step_for(a, poly, known) for a in _atoms(poly) if isinstance(a, tuple))), None)
        if step is None:
            break
        first.append(step)
        try:
            poly = _applied(poly, step, known, len(first) - 1)
        except checker.Rejected as rejected:
            return only_unshown(rejected)
    for chosen in itertools.islice(_choices(poly, known), MOST_CHOICES):
        steps, after = list(first), poly
        try:
            for step in _in_order(chosen, known):
                if (("log2", step[1]) if step[0].startswith("log2") else step[1]) in _atoms(after):
                    after = _applied(after, step, known, len(steps))
                    steps.append(step)
            for atom in _atoms(after):
                if atom[0] == "L" and isinstance(atom, tuple):
                    step = ["L>=", as_json(atom[1])]
                    after = _applied(after, step, known, len(steps))
                    steps.append(step)
        except checker.Rejected as rejected:
            only_unshown(rejected)
        else:
            yield steps, after


def _falls(atom: Any, poly: Poly) -> bool:
    return any(c < 0 for key, c in poly.items() if any(a == atom for a, _ in key))


def _step_for(atom: Any, poly: Poly, known: checker.Known) -> Step:
    """A bound of a floor, up2 or compound L from the side that the signs ask for; [] where it may stay."""
    falls = _falls(atom, poly)
    if atom[0] in ("floor", "up2"):
        return [f"{atom[0]}{'<=' if falls else '>='}", *as_json(atom[1:])]
    return _larger_argument(atom[1], known) if falls and atom[0] == "L" and not isinstance(atom[1], str) else []


def _larger_argument(e: Any, known: checker.Known) -> Step:
    """L(e) <= L(f) for a product f that is shown to be no less than e."""
    inside = checker.polynomial(e, known.budget)
    for f in _products(inside):
        difference = checker.plus(checker.polynomial(f, known.budget), inside, known.budget, -1)
        for steps, after in ended(difference, known):
            if checker.non_negative(after):
                return ["L<=", as_json(e), as_json(f), steps]
    return []


def _products(inside: Poly) -> Iterator[Any]:
    """Products of sizes that may exceed a polynomial: of each term, then of all, times 1, 2, 4, ..."""
    tops: dict[Any, None] = {}
    for key in inside:
        exponents: dict[str, Any] = {}
        for atom, e in key:
            if isinstance(atom, tuple) and atom[0] == "floor":
                for inner in checker.polynomial(atom[1], checker.Budget()):
                    tops.setdefault(tuple((x, n) for x, n in inner if isinstance(x, str)))
            elif isinstance(atom, str) and e > 0:
                exponents[atom] = e
        tops.setdefault(tuple(sorted(exponents.items())))
    every: dict[str, Any] = {}
    for top in tops:
        for x, e in top:
            every[x] = max(every.get(x, 0), e)
    tops.setdefault(tuple(sorted(every.items())))
    for top, k in itertools.product(sorted(tops, key=len), range(len(inside).bit_length() + 2)):
        yield ("*", Fraction(2**k), *(("pow", x, Fraction(e)) for x, e in top))


def _choices(poly: Poly, known: checker.Known) -> Iterator[list[Step]]:
    """For each log2 and each size, one of the steps that there are for it."""
    atoms = _atoms(poly)
    sets: list[list[Step]] = []
    with_log = {x for a in atoms if isinstance(a, tuple) and a[0] in ("L", "log2") for x in [a[1]]}
    for atom in atoms:
        if isinstance(atom, tuple) and atom[0] == "log2":
            x = atom[1]
            if not isinstance(x, str):
                sets.append([["log2>=low", as_json(x)]])
            elif _falls(atom, poly):
                sets.append([["log2<=", x]])
            else:
                sets.append([["log2>=", x], ["log2>=low", x], ["log2>=half", x]])
    for x, m in known.low.items():
        power = math.lcm(*(Fraction(e).denominator for key in poly for a, e in key if a == x))
        steps: list[Step] = []
        for i, (_, right) in enumerate(known.conditions):
            if any(a == x and e > 0 for key in checker.polynomial(right, known.budget) for a, e in key):
                steps.append(["under", x, i, power])
        steps.append(["size", x, _whole_root(m, power), power])
        if x in with_log and m > 1 and power == 1:
            steps += [["over", x, terms] for terms in (1, 2, 3)]
        sets.append(steps)
    return (list(chosen) for chosen in itertools.product(*reversed(sets)))


def _whole_root(m: int, power: int) -> int:
    """The greatest integer whose power is at most m."""
    low, high = 1, m + 1
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if middle**power <= m else (low, middle)
    return low


def _in_order(chosen: Sequence[Step], known: checker.Known) -> Iterator[Step]:
    """First logarithms; then sizes, one that another is said to be above only after that one. Rejected when they go in a circle."""
    yield from (step for step in chosen if step[0].startswith("log2"))
    waiting = {step[1]: step for step in chosen if not step[0].startswith("log2")}
    while waiting:
        used = {x for step in waiting.values() if step[0] == "under" for x in names(known.conditions[step[2]][0])}
        free = next((x for x in waiting if x not in used), None)
        if free is None:
            raise checker.Rejected("not-shown", "conditions in a circle")
        yield waiting.pop(free)
