"""Spans as formulas: the longest path into each storage as a maximum of sums, kept small.

A path is a sum of coefficient * L(n_1) ... L(n_k), a map from the tuple of the n to its coefficient; a storage has the set of
paths that may be longest. A path that is nowhere longer than another is dropped. Storages are followed as wholes, so after a
write into a part the span is no longer exact and is not told.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sympy

from empirics.cost.relations import SMALLEST, smallest
from theory.cost.formulas import L

__all__ = ["Paths", "SymbolicDepths"]

Path = tuple[tuple[tuple[Any, ...], Any], ...]
"""((n_1, ..., n_k), coefficient) pairs, in the order of their texts."""
Paths = frozenset[Path]

MOST_PATHS = 16
NOTHING: Paths = frozenset({()})


class SymbolicDepths:
    """Depths of storages, by key. `exact` is False from the first write into a part, or when more than MOST_PATHS compete."""

    def __init__(self) -> None:
        self.exact = True
        self._depths: dict[int, Paths] = {}

    def after(self, keys: Iterable[int], span: Iterable[tuple[Any, tuple[Any, ...]]]) -> Paths:
        """The depth of an operation with this span that reads these storages; terms are (coefficient, sizes) of formulas."""
        before = self.longest(keys)
        terms = list(span)
        return frozenset(_plus(path, terms) for path in before)

    def longest(self, keys: Iterable[int]) -> Paths:
        """The greater of the depths of these storages."""
        return self._kept(frozenset().union(*(self._depths.get(key, NOTHING) for key in keys)) or NOTHING)

    def made(self, key: int, depth: Paths) -> None:
        """A storage was written as a whole."""
        self._depths[key] = depth

    def written_in_part(self, key: int, depth: Paths) -> None:
        """A part of a storage was written."""
        self.exact = False
        self._depths[key] = self._kept(self._depths.get(key, NOTHING) | depth)

    def _kept(self, paths: Paths) -> Paths:
        kept = frozenset(p for p in paths if not any(q != p and _no_longer(p, q) for q in paths))
        if len(kept) > MOST_PATHS:
            self.exact = False
            return NOTHING
        return kept

    def formula(self, keys: Iterable[int]) -> Any:
        """The span as a sympy expression, Max of sums; None where it is not exact."""
        found = self.longest(keys)
        logs: Any = L
        sums = [sympy.Add(*(c * sympy.Mul(*map(logs, sizes)) for sizes, c in path)) for path in found]
        return sympy.Max(*sums) if self.exact else None


def _plus(path: Path, terms: Iterable[tuple[Any, tuple[Any, ...]]]) -> Path:
    total = dict(path)
    for coefficient, sizes in terms:
        constant = [n for n in sizes if n.is_Integer]
        open_ = tuple(sorted((n for n in sizes if not n.is_Integer), key=sympy.default_sort_key))
        for n in constant:
            coefficient = coefficient * L(n)
        if coefficient != 0:
            total[open_] = total.get(open_, sympy.Integer(0)) + coefficient
    return tuple(sorted(total.items(), key=lambda item: str(item[0])))


def _no_longer(a: Path, b: Path) -> bool:
    """Whether a is at most b for all sizes of at least 2; False where that is not clear.

    With L(n) = 1 + M(n), M >= 0, for every n of at least 2, a polynomial in the M without negative coefficients is nowhere negative.
    """
    first, second = dict(a), dict(b)
    difference = {k: second.get(k, 0) - first.get(k, 0) for k in first.keys() | second.keys()}
    if all(c.is_nonnegative for c in difference.values()):
        return True
    shift = {n: (1 if smallest(n) >= SMALLEST else 0) + sympy.Dummy() for sizes in difference for n in sizes}
    total = sympy.expand(sympy.Add(*(c * sympy.Mul(*(shift[n] for n in sizes)) for sizes, c in difference.items())))
    return all(c.is_nonnegative for c in total.as_coefficients_dict().values())
