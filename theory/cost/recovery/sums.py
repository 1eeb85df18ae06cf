"""Closed forms of totals: sums over the sites of a program, and maxima over its critical paths or moments.

Work, traffic and saved bytes are sums over sites, and each site is recovered by itself. A span or a peak is a sum over the sites of one
path or of one moment, and which one it is depends on the sizes: samples are grouped by the set of sites they name, each group is a
sum with one closed form, and the whole is the largest of these forms. That it is, is checked at every sample.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
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
    samples: Sequence[tuple[Point, Parts[Site]]], base: Point, chunks: Iterable[int] = ()
) -> Whole[Site] | tuple[Site, Unfit]:
    """The sum over all sites; or the first site without a closed form, and why."""
    found: dict[Site, Closed] = {}
    whole = Closed(())
    for site in dict.fromkeys(site for _, parts in samples for site in parts):
        closed = fit_amount([(point, parts.get(site, {})) for point, parts in samples], base, chunks)
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
        groups[frozenset(site for site, amount in parts.items() if any(amount.values()))].append((point, parts))
    if len(groups) > 1:  # a site may be missing where it is L(1)
        always = recover_sum(samples, base, chunks)
        if isinstance(always, Whole):
            return always
    forms: dict[str, tuple[Closed, Mapping[Site, Closed]]] = {}
    first: tuple[Site | None, Unfit] | None = None
    everywhere = [point for point, _ in samples]
    numbers = [(point, total(parts)) for point, parts in samples]
    for group in sorted(groups.values(), key=len, reverse=True):
        left = [p for p, n in numbers if all(form.at(p) != n for form, _ in forms.values())]
        if not left:
            break
        if not any(p is q for p in left for q, _ in group):
            continue
        points = [point for point, _ in group]
        center = max([base, *points] if base in points else points, key=lambda p: _fewest(p, points))
        recovered = recover_sum(group, center, chunks)
        if isinstance(recovered, Whole):
            form, sites = recovered.forms[0]
            if all(form.at(p) <= n for p, n in numbers):
                forms.setdefault(form.text, (form, sites))
        elif first is None:
            wanted = _wanted(points, everywhere, base)
            first = recovered[0], replace(recovered[1], through=wanted)
    whole = Whole(tuple(forms.values()))
    wrong = [p for p, n in numbers if whole.at(p) != n]
    if wrong:
        return first or (None, Unfit(f"the largest of {len(forms)} forms is another number at {dict(wrong[0])}"))
    return whole


def _fewest(p: Point, points: Sequence[Point]) -> int:
    """How many of the points lie on the line through p along the size that has fewest."""
    return min(len({q[x] for q in points if all(q[y] == p[y] for y in p if y != x)}) for x in p)


def _wanted(group: Sequence[Point], everywhere: Sequence[Point], base: Point) -> Point | None:
    """A point through which lines are not drawn yet and would help a group: its middle, or three times as far out.

    A region where one moment is the peak is a cone but for lower terms, or it ends at some size; the middle serves for the one, the far
    point for the other.
    """
    middle = {x: exp(sum(log(p[x] + 1) for p in group) / len(group)) - 1 for x in base}
    nearest = min(group, key=lambda p: sum(abs(log((p[x] + 1) / (middle[x] + 1))) for x in base))
    far = {x: max(2, round(3 * v)) for x, v in middle.items()}
    return next((p for p in (nearest, far) if _fewest(p, everywhere) < FULL_LINE), None)
