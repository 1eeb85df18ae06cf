"""Branches from comparisons: what decides each, whether both outcomes were seen, and sizes at which the other one would be.

A branch is a place in the source that compares. Over several runs at different sizes its two sides are known as formulas, from the
sizes that it compared or by `empirics.cost.simple_forms`. Where a loop compares more than once in a run, the least and the greatest
difference of the sides are formulas in the sizes, and they decide which outcomes a run can have.

Sizes proposed are candidates, the least found by scaling the sizes of runs that worked; only a run there can tell.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import sympy

from empirics.cost.comparisons import Comparison
from empirics.cost.flips import LARGEST_FACTOR, Sizes, least_sizes
from empirics.cost.simple_forms import ROUNDED, evaluator, simple_form
from empirics.cost.trees import expression, leaves, skeleton

__all__ = ["Branch", "Run", "thresholds"]

Run = tuple[Mapping[str, int], Sequence[Comparison]]
"""The sizes of a run and what it compared."""

_RELATIONS: dict[str, tuple[Callable[..., Any], Callable[[Fraction, Fraction], frozenset[bool]]]] = {
    # The sympy relation; the outcomes that differences from `low` to `high` can have.
    "<": (sympy.Lt, lambda low, high: frozenset({low < 0, high < 0})),
    "<=": (sympy.Le, lambda low, high: frozenset({low <= 0, high <= 0})),
    ">": (sympy.Gt, lambda low, high: frozenset({low > 0, high > 0})),
    ">=": (sympy.Ge, lambda low, high: frozenset({low >= 0, high >= 0})),
    "==": (sympy.Eq, lambda low, high: frozenset({low == high == 0, low < high or low == 0})),
    "!=": (sympy.Ne, lambda low, high: frozenset({not low == high == 0, low < high or low != 0})),
}


@dataclass(frozen=True)
class Branch:
    """One comparison in the source, over all runs.

    `seen`: its outcomes. `condition`: what is compared, as a sympy relation of formulas in the sizes, or text where none was
    recovered; of a loop, the relation at its greatest and least difference. `flips`: sizes at which an unseen outcome is expected,
    smallest first, none when both were seen. `reason`: in words, why there are none, or what the flips rest on.
    `decided_by_sizes`: False for a comparison whose difference is the same in all runs, a setting of the layer, and for one that no
    sizes can turn; None when unknown.
    """

    file: str
    line: int
    text: str
    seen: frozenset[bool]
    condition: Any
    flips: tuple[Sizes, ...]
    reason: str
    decided_by_sizes: bool | None


def thresholds(
    runs: Sequence[Run], accepts: Callable[[Mapping[str, int]], bool] = lambda sizes: True
) -> tuple[Branch, ...]:
    """Every branch of the runs, in the order of file and line. `accepts` tells which sizes the subject can be asked for.

    Equalities that held in every run are kept in what is proposed for the other branches (N % C == 0 is, for N > 1000).
    """
    grouped: dict[tuple[str, int, int], dict[int, list[Comparison]]] = {}
    for k, (_, compared) in enumerate(runs):
        for c in compared:
            grouped.setdefault((c.file, c.line, c.position), {}).setdefault(k, []).append(c)
    places = [_Place(runs, found) for _, found in sorted(grouped.items())]
    kept = [place for place in places if place.is_equality_that_held]

    def allowed_for(place: _Place) -> Callable[[Mapping[str, int]], bool]:
        others = [other for other in kept if other is not place]
        return lambda sizes: accepts(sizes) and all(other.outcomes(sizes) == other.seen for other in others)

    return tuple(place.branch(allowed_for(place)) for place in places)


class _Place:
    """A comparison in the source with what was found there in each run."""

    def __init__(self, runs: Sequence[Run], found: Mapping[int, Sequence[Comparison]]) -> None:
        self.bases = [dict(runs[k][0]) for k in found]
        first = self.first = next(iter(found.values()))[0]
        self.relation = first.relation
        self.seen = frozenset(c.result for compared in found.values() for c in compared)
        self.low, self.high = (
            self._form([(runs[k][0], choose(compared, key=_difference)) for k, compared in found.items()])
            for choose in (min, max)
        )
        self.once = all(_difference(a) == _difference(compared[0]) for compared in found.values() for a in compared)

    def _form(self, samples: list[tuple[Mapping[str, int], Comparison]]) -> tuple[Any, Any] | None:
        """Formulas of the two sides at the chosen comparison of each run."""
        sides = [_side(samples, side) for side in ("left", "right")]
        if None not in sides:
            return sides[0], sides[1]
        difference = simple_form([(sizes, _difference(c)) for sizes, c in samples])
        return None if difference is None else (difference, sympy.Integer(0))

    @property
    def is_settled(self) -> bool:
        """Whether both sides differ by the same in all runs."""
        return not any(sympy.expand(a - b).free_symbols for a, b in (self.low, self.high))  # pyright: ignore[reportGeneralTypeIssues]

    @property
    def seldom_reached(self) -> bool:
        """Whether some size was the same in all runs that came here, so that a number which is the same there may depend on it."""
        return any(len({base[x] for base in self.bases}) == 1 for x in self.bases[0])

    @property
    def is_equality_that_held(self) -> bool:
        held = frozenset({self.relation == "=="})
        return self.relation in ("==", "!=") and self.seen == held and self.low is not None and self.high is not None

    def outcomes(self, sizes: Mapping[str, int]) -> frozenset[bool] | None:
        """The outcomes of a run at these sizes, by the formulas; None where they have no value."""
        try:
            low, high = (f(sizes) for f in self._differences())
        except (ArithmeticError, ValueError, TypeError):
            return None
        return _RELATIONS[self.relation][1](low, high) if low <= high else None

    @property
    def keeps_its_sign(self) -> bool:
        """Whether the one difference that decides, the least of a loop or its greatest, is known and cannot turn the comparison, be the
        other what it may."""
        lowest = (self.relation in ("<", "<=")) == (False in self.seen)
        deciding = self.low if lowest else self.high
        if self.relation in ("==", "!=") or len(self.seen) == 2 or deciding is None or self.seldom_reached:
            return False
        return self._cannot_turn([sympy.expand(deciding[0] - deciding[1])])

    def _turned(self, sizes: Mapping[str, int]) -> bool:
        found = self.outcomes(sizes)
        return found is not None and found != self.seen

    def _differences(self) -> tuple[Callable[[Mapping[str, int]], Fraction], ...]:
        if not hasattr(self, "_evaluators"):
            assert self.low is not None
            assert self.high is not None
            self._evaluators = tuple(evaluator(sympy.sympify(a - b)) for a, b in (self.low, self.high))
        return self._evaluators

    def branch(self, allowed: Callable[[Mapping[str, int]], bool]) -> Branch:
        flips: tuple[Sizes, ...] = ()
        decided: bool | None = True
        if self.keeps_its_sign:
            c = self.first
            condition = f"{c.text} ({c.left_value} {self.relation} {c.right_value} once)"
            reason = "no sizes can turn it: the least difference of the sides keeps its sign"
            return Branch(c.file, c.line, c.text, self.seen, condition, flips, reason, False)
        if self.low is None or self.high is None or (self.is_settled and self.seldom_reached):
            condition: Any = (
                f"{self.first.text} ({self.first.left_value} {self.relation} {self.first.right_value} once)"
            )
            reason, decided = (
                "the sides follow no simple formula in the sizes; the runs are too few or they are involved",
                None,
            )
            if len(self.seen) == 2:
                reason = "both outcomes seen; " + reason
        else:
            condition = self._condition()
            changes = [sympy.expand(a - b) for a, b in (self.low, self.high)]
            if self.is_settled:
                reason, decided = "no size takes part: the two sides differ by the same in all runs", False
            elif len(self.seen) == 2:
                reason = "both outcomes seen"
            elif self._cannot_turn(changes):
                reason, decided = (
                    "no sizes can turn it: the difference of the sides keeps its sign for positive sizes",
                    False,
                )
            else:
                flips = least_sizes(self.bases, lambda sizes: self._turned(sizes) and allowed(sizes))
                reason = (
                    "found by scaling the sizes of runs" if flips else f"none found up to {LARGEST_FACTOR} times larger"
                )
        c = self.first
        return Branch(c.file, c.line, c.text, self.seen, condition, flips, reason, decided)

    def _condition(self) -> Any:
        assert self.low is not None
        assert self.high is not None
        of = _RELATIONS[self.relation][0]
        if self.once or self.low == self.high:
            return of(*self.low, evaluate=False)
        return f"{of(*self.low, evaluate=False)} to {of(*self.high, evaluate=False)}"

    def _cannot_turn(self, changes: Iterable[sympy.Expr]) -> bool:
        """Whether the sign of the differences is decided for all positive sizes, so that the outcome is the one seen."""
        signs = [(c.is_positive, c.is_negative, c.is_nonnegative, c.is_nonpositive, c.is_nonzero) for c in changes]
        needed = {"<": (1, 2), "<=": (3, 0), ">": (0, 3), ">=": (2, 1), "==": (None, 4), "!=": (4, None)}[self.relation]
        wanted = needed[0] if True in self.seen else needed[1]
        return wanted is not None and all(sign[wanted] for sign in signs)


def _difference(c: Comparison) -> int | float:
    return c.left_value - c.right_value


def _side(samples: Sequence[tuple[Mapping[str, int], Comparison]], side: str) -> Any:
    """The formula of the left or right side. Computed alike in all runs, it is that computation with each number it used
    fitted by itself (x.shape[1] % 64 is N % 64 though it be N in all runs); else it is fitted as one number."""
    values = [(sizes, getattr(c, f"{side}_value")) for sizes, c in samples]
    trees = [getattr(c, f"{side}_tree") for _, c in samples]
    if len({skeleton(tree) for tree in trees}) == 1:
        columns = zip(*map(leaves, trees), strict=True)
        fitted = [
            simple_form([(sizes, x) for (sizes, _), x in zip(samples, column, strict=True)]) for column in columns
        ]
        if None not in fitted:
            formula = expression(trees[0], fitted)
            if formula is not None and _agrees(formula, values):
                return formula
    return simple_form(values)


def _agrees(formula: Any, values: Iterable[tuple[Mapping[str, int], int | float]]) -> bool:
    """Whether a formula has these values; one computed by a program that chose among sizes may not have."""
    try:
        of = evaluator(formula)
        return all(math.isclose(of(sizes), value, rel_tol=ROUNDED) for sizes, value in values)
    except (ArithmeticError, ValueError, KeyError):
        return False
