"""Proofs that count <= c * bound for all sizes from a start on, searched for; the trusted checker's own steps do the algebra.

A proof divides the sizes into cases and ends each in steps that write sizes and operations as bounds plus slacks >= 0
(`theory/checker.py`, kind "growth"). With c a symbol the result is a polynomial in the slacks whose coefficients are
c B - A; the least c that a leaf shows is the greatest A / B. The search refines the leaf that asks for the largest c, by a
size's least value or by which of two sizes is larger, until it asks for no more than the quotient known to be needed.
Derived here.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from theory import checker
from theory.bounds import Tree
from theory.growth.checked import as_json
from theory.growth.trees import names

__all__ = ["MOST_LEAVES", "search"]

CONSTANT = "@c"  # no size has this name
MOST_LEAVES = 24
MOST_CHOICES = 36
MOST_UNSHOWN = 8
MOST_STEPS = 400_000

Step = list[Any]
Poly = dict[Any, Any]


@dataclass
class Case:
    """A case of the proof: the goal c * bound - count, what is known, and either inner cases or an end with the least c
    it shows (None: it shows none)."""

    goal: Any
    known: checker.Known
    target: Fraction
    constant: Fraction | None = None
    end: list[Any] = field(default_factory=list)
    division: list[Any] = field(default_factory=list)
    inner: list[Case] = field(default_factory=list)

    def leaves(self) -> Iterator[Case]:
        if not self.division:
            yield self
        for case in self.inner:
            yield from case.leaves()

    def proof(self) -> list[Any]:
        """The proof as the checker reads it."""
        if not self.division:
            return self.end
        kind, *rest = self.division
        proofs = [case.proof() for case in self.inner]
        if kind == "each":
            return [kind, as_json(rest[0]), proofs]
        if kind == "order":
            return [kind, *as_json(rest), *proofs]
        first, last = proofs
        if last[0] == "at" and last[1] == rest[0]:
            return ["at", rest[0], [first, *last[2]], last[3]]
        return ["at", rest[0], [first], last]


def search(
    count: Tree,
    bound: Tree,
    sizes: Sequence[str],
    start: int,
    where: Sequence[tuple[Tree, Tree]],
    target: Fraction,
    most_leaves: int = MOST_LEAVES,
) -> tuple[Fraction, list[Any]] | None:
    """The least constant found, not below the target, and the proof; None when no proof was found.

    Trees are in the checker's words. A few milliseconds a case and at most `most_leaves` cases.
    """
    goal = ("+", ("*", CONSTANT, bound), ("*", Fraction(-1), count))
    budget = checker.Budget()
    budget.left = MOST_STEPS * most_leaves // MOST_LEAVES
    known = checker.Known(list(sizes), dict.fromkeys(sizes, start), list(where), budget)
    try:
        root = _case(goal, known, target)
        return _refined(root, target, most_leaves)
    except checker.Rejected:
        return None


def _refined(root: Case, target: Fraction, most_leaves: int) -> tuple[Fraction, list[Any]] | None:
    unshown = 0
    while True:
        leaves = list(root.leaves())
        worst = max(leaves, key=lambda leaf: math.inf if leaf.constant is None else leaf.constant)
        if worst.constant is not None and (worst.constant <= target or len(leaves) >= most_leaves):
            return max(worst.constant, target), root.proof()
        unshown += worst.constant is None
        try:
            divided = len(leaves) < most_leaves and unshown <= MOST_UNSHOWN and worst.known.low and _divide(worst)
        except checker.Rejected:  # out of steps
            divided = False
        if not divided:
            return None if worst.constant is None else (worst.constant, root.proof())


def _case(goal: Any, known: checker.Known, target: Fraction) -> Case:
    """A case divided by its first min or max; without one, with the best steps."""
    case = Case(goal, known, target)
    failing = _failing(known)
    if failing is not None:
        case.constant, case.end = Fraction(0), ["void", failing]
        return case
    try:
        case.constant, steps = _best(goal, known, target)
        case.end = ["steps", steps]
    except checker.Rejected as rejected:
        _only_unshown(rejected)
    return case


def _only_unshown(rejected: checker.Rejected) -> None:
    """Goes on where a step does not apply; anything else is raised again."""
    if rejected.reason not in ("not-shown", "out-of-range"):
        raise rejected


def _failing(known: checker.Known) -> int | None:
    """The number of a condition that no sizes here satisfy."""
    for i, (left, right) in enumerate(known.conditions):
        excess = checker.least(("+", left, ("*", -1, right)), known)
        if excess is not None and excess > 0:
            return i
    return None


def _branches(tree: Any) -> Iterator[Any]:
    """Every min and max in a tree, inner ones first."""
    if isinstance(tree, tuple):
        for part in tree[1:]:
            yield from _branches(part)
        if tree[0] in ("min", "max"):
            yield tree


def _divide(case: Case) -> bool:
    """Divides a case in the way whose inner cases ask for the least; False when no way asks for less."""

    def asked(inner: Sequence[Case]) -> tuple[int, Fraction]:
        leaves = [leaf.constant for part in inner for leaf in part.leaves()]
        return leaves.count(None), max((c for c in leaves if c is not None), default=Fraction(0))

    def within(**change: Any) -> Case:
        return _case(change.pop("goal", case.goal), known._replace(**change), case.target)

    known, ways = case.known, []
    for branch in itertools.islice(_branches(case.goal), 1):
        inner = []
        for part in branch[1:]:
            others = [other for other in branch[1:] if other != part]
            pairs = [(part, other) if branch[0] == "min" else (other, part) for other in others]
            goal = checker.replaced(case.goal, branch, part)
            inner.append(within(goal=goal, conditions=[*known.conditions, *pairs]))
        ways.append((["each", branch], inner))
    if case.constant is None:
        for pair in itertools.combinations(known.low, 2):
            if pair not in known.conditions and pair[::-1] not in known.conditions:
                inner = [within(conditions=[*known.conditions, order]) for order in (pair, pair[::-1])]
                ways.append((["order", *pair], inner))
    for x, m in known.low.items():
        low = {y: n for y, n in known.low.items() if y != x}
        conditions = [tuple(checker.replaced(side, x, m) for side in pair) for pair in known.conditions]
        at = within(goal=checker.replaced(case.goal, x, m), low=low, conditions=conditions)
        ways.append((["at", x], [at, within(low={**known.low, x: m + 1})]))
    division, inner = min(ways, key=lambda way: asked(way[1]))
    if case.constant is not None and asked(inner)[0]:
        return False
    case.division, case.inner = division, inner
    return True


def _best(goal: Any, known: checker.Known, target: Fraction) -> tuple[Fraction | None, list[Step]]:
    """The steps that ask for the least constant, or for no more than the target."""
    poly = checker.polynomial(goal, known.budget)
    best: tuple[Fraction | None, list[Step]] = (None, [])
    for steps, after in _ended(poly, known):
        found = _asked(after)
        if found is not None and (best[0] is None or found < best[0]):
            best = found, steps
            if found <= target:
                break
    return best


def _asked(poly: Poly) -> Fraction | None:
    """The least c >= 0 for which no coefficient is negative."""
    parts: dict[Any, list[Fraction]] = {}
    for key, c in poly.items():
        rest = tuple(pair for pair in key if pair[0] != CONSTANT)
        parts.setdefault(rest, [Fraction(0), Fraction(0)])[len(rest) < len(key)] += c
    if not checker.non_negative(dict.fromkeys(parts, 1)):
        return None
    least = Fraction(0)
    for free, with_c in parts.values():
        if with_c < 0 or (with_c == 0 and free < 0):
            return None
        if with_c > 0:
            least = max(least, -free / with_c)
    return least


def _applied(poly: Poly, step: Step, known: checker.Known, number: int) -> Poly:
    """The polynomial after a step, as the checker has it."""
    name, *arguments = step
    return checker.after(poly, number, checker.STEPS[name][1](known, *arguments), known.budget)


def _atoms(poly: Poly) -> list[Any]:
    return list(dict.fromkeys(atom for key in poly for atom, _ in key))


def _ended(poly: Poly, known: checker.Known, before: Sequence[Step] = ()) -> Iterator[tuple[list[Step], Poly]]:
    """Ways to bring a polynomial to slacks and nothing else: first each min by one operand, then floors and the L of what is no
    size, then logarithms and sizes."""
    branch = next((a for a in _atoms(poly) if a[0] == ("min" if _falls(a, poly) else "max")), None)
    if branch is not None:
        for k in range(len(branch) - 1):
            step = ["part", as_json(branch), k]
            yield from _ended(_applied(poly, step, known, len(before)), known, [*before, step])
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
            return _only_unshown(rejected)
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
            _only_unshown(rejected)
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
        for steps, after in _ended(difference, known):
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
