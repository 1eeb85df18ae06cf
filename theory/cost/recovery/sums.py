"""Closed forms of totals: sums over the sites of a program, and maxima over its critical paths or moments.

Work, traffic and saved bytes are sums over sites, and each site is recovered by itself. A span or a peak is a sum over the sites of one
path or of one moment, and which one it is depends on the sizes: samples are grouped by the set of sites they name, each group is a
sum with one closed form, and the whole is the largest of these forms. That it is, is checked at every sample.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import exp, log
from typing import Generic, TypeVar

from theory.cost.amounts import Amount, value
from theory.cost.recovery.amounts import fit_amount
from theory.cost.recovery.closed import Closed, Point
from theory.cost.recovery.fitting import Unfit

__all__ = ["Parts", "Whole", "recover_maximum", "recover_sum"]

Site = TypeVar("Site", bound=Hashable)
Parts = Mapping[Site, Amount]
"""What each site contributes in one run."""


FULL_LINE = 8
"""Samples on a line that suffice for most families."""


@dataclass(frozen=True)
class Whole(Generic[Site]):
    """The largest of `forms`, each with the sites it is a sum over."""

    forms: tuple[tuple[Closed, Mapping[Site, Closed]], ...]

    def at(self, point: Point):
        """The value at these sizes."""
        return max((form.at(point) for form, _ in self.forms), default=0)


def total(parts: Parts) -> int:
    """The number all sites add up to."""
    return int(sum(value(amount) for amount in parts.values()))


def recover_sum(
    samples: Sequence[tuple[Point, Parts[Site]]],
    base: Point,
    chunks: Iterable[int] = (),
    known: Mapping[Site, Closed] = {},
) -> Whole[Site] | tuple[Site, Unfit]:
    """The sum over all sites; or the first site without a closed form, and why. `known` are forms that earlier samples gave."""
    found: dict[Site, Closed] = {}
    whole = Closed(())
    for site in dict.fromkeys(site for _, parts in samples for site in parts):
        values = [(point, parts.get(site, {})) for point, parts in samples]
        closed = known.get(site)
        if closed is None or any(closed.at(point) != value(amount) for point, amount in values):
            closed = fit_amount(values, base, chunks)
        if isinstance(closed, Unfit):
            return site, closed
        found[site] = closed
        whole = whole + closed
    return Whole(((whole, found),))


def recover_maximum(
    samples: Sequence[tuple[Point, Parts[Site]]], base: Point, chunks: Iterable[int] = ()
) -> Whole[Site] | tuple[Site | None, Unfit]:
    """The largest of one sum a set of sites; or a site without a closed form, and why."""
    groups: dict[frozenset[Site], list[tuple[Point, Parts[Site]]]] = defaultdict(list)
    for point, parts in samples:
        groups[frozenset(site for site, amount in parts.items() if value(amount))].append((point, parts))
    forms: dict[str, tuple[Closed, Mapping[Site, Closed]]] = {}
    first: tuple[Site | None, Unfit] | None = None
    ordered = sorted(groups.values(), key=len, reverse=True)
    numbers = [(point, total(parts)) for point, parts in samples]
    for group in ordered:
        left = [(p, n) for p, n in numbers if all(form.at(p) != n for form, _ in forms.values())]
        if not left:
            break
        if not any(p is q for p, _ in left for q, _ in group):
            continue
        recovered = recover_sum(group, _center(group, base), chunks)
        if isinstance(recovered, Whole):
            form, sites = recovered.forms[0]
            if all(form.at(p) <= n for p, n in numbers):
                forms.setdefault(form.text, (form, sites))
        elif first is None:
            first = recovered
    whole = Whole(tuple(forms.values()))
    wrong = [p for p, n in numbers if whole.at(p) != n]
    if wrong:
        return first or (None, Unfit(f"the largest of {len(forms)} forms is another number at {dict(wrong[0])}"))
    return whole


def _center(group: Sequence[tuple[Point, Parts]], base: Point) -> Point:
    """A point of the group with full lines through it; or, where there is none, a point deep inside to draw lines through.

    Deep inside is three times the geometric mean: regions in which one of two costs is the larger are cones but for lower terms.
    """
    points = [point for point, _ in group]

    def fewest(p: Point) -> int:
        return min(len({q[x] for q in points if all(q[y] == p[y] for y in p if y != x)}) for x in p)

    best = max([base, *points] if base in points else points, key=fewest)
    if fewest(best) >= FULL_LINE:
        return best
    return {x: max(2, round(3 * exp(sum(log(p[x] + 1) for p in points) / len(points)))) for x in base}
