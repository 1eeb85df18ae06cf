"""Proofs that count <= c * bound for all sizes from a start on, searched for; the trusted checker's own steps do the algebra.

A proof divides the sizes into cases and ends each in steps that write sizes and operations as bounds plus slacks >= 0
(`theory/checker.py`, kind "growth"; `theory.growth.steps`). With c a symbol the result is a polynomial in the slacks whose
coefficients are c B - A; the least c that a leaf shows is the greatest A / B. The search refines the leaf that asks for the
largest c, by a size's least value, by which of two sizes is larger or by the operands of a min or max, until it asks for no
more than the quotient known to be needed. Derived here.
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
from theory.growth.steps import Poly, Step, ended, only_unshown

__all__ = ["MOST_LEAVES", "search"]

CONSTANT = "@c"  # no size has this name
MOST_LEAVES = 24
MOST_UNSHOWN = 8
MOST_STEPS = 400_000


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
    """A case with its best end; it has no constant when none is found."""
    case = Case(goal, known, target)
    try:
        failing = _failing(known)
        if failing is not None:
            case.constant, case.end = Fraction(0), ["void", failing]
            return case
        case.constant, steps = _best(goal, known, target)
        case.end = ["steps", steps]
    except checker.Rejected as rejected:
        only_unshown(rejected)
    return case


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
    for steps, after in ended(poly, known):
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
