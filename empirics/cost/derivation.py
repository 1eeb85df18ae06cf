"""From counted runs to formulas: the quantities of one phase of a subject, in every regime of its sizes.

1. Free coordinates for the sizes that the subject accepts.
2. Runs at small sizes, in stages, until each quantity has a closed form that meets them all.
3. Larger sizes, held out until then, have to agree; sizes of 1 are tried, and excluded by a condition where they do not.
4. Every comparison of sizes that came out one way only is tried the other way, where that can be reached; a form that does not hold
   beyond it holds on this side only, and the other side is recovered by itself.
A quantity without one closed form is recovered in each regime apart: by the outcomes of the comparisons, by the order of two sizes,
or for powers of two only.
"""

from __future__ import annotations

import itertools
import operator
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from empirics.cost.runs import MAXIMA, Run
from empirics.cost.sampling import STAGES, Sample, Sampler
from empirics.cost.tally import Site
from theory.cost.recovery.fitting import Unfit
from theory.cost.recovery.sums import Whole, recover_maximum, recover_sum

__all__ = ["Form", "Recovered", "Region", "recover_all", "recover_in"]

MOST_LINES = 6
"""Points through which lines are drawn for one quantity, at most, in each stage."""
EARLY_STAGES = 2
TESTS = 2
EXTRA = 0.2
"""Each kind of region that is tried in the end may take this share of the effort on top."""


@dataclass(frozen=True)
class Region:
    """Where a form holds: in words, as a test of a sample, and as conditions "C <= N" for a bound if it can be said so.

    `bounded`: only sizes up to some size lie in it. `special`: the sizes in it have others between them, of which nothing is said.
    `vague`: sizes of any magnitude may or may not lie in it, and `where` does not say which.
    `points`: where to draw samples, if not on lines through one of its own.
    """

    conditions: tuple[str, ...]
    holds: Callable[[Sample], bool]
    where: tuple[str, ...] = ()
    bounded: bool = False
    special: bool = False
    vague: bool = False
    points: Callable[[Sampler, Mapping[str, int]], Iterator[dict[str, int]]] | None = None


@dataclass(frozen=True)
class Form:
    """A closed form and where it holds."""

    whole: Whole[Site]
    region: Region


@dataclass(frozen=True)
class Recovered:
    """The forms of one quantity; without any, why not and at which site."""

    forms: tuple[Form, ...] = ()
    reason: str = ""
    site: Site | None = None
    samples: int = 0
    held_out: int = 0
    largest: Mapping[str, int] | None = None
    above: tuple[tuple[str, int], ...] = ()

    def agrees(self, sample: Sample, quantity: str) -> bool:
        """Whether the form whose region holds the sample has its value there; a sample in no region agrees."""
        number = sample.run.totals[quantity]
        return all(form.whole.at(sample.point) == number for form in self.forms if form.region.holds(sample))


EVERYWHERE = Region((), lambda _: True)
BEYOND = (2, 4)
"""Where small sizes are special, forms are sought beyond these, and the conditions that it takes are said."""


def recover_all(sampler: Sampler, quantities: Iterable[str], chunks: Iterable[int] = ()) -> dict[str, Recovered]:
    """These quantities of the sampler's phase. The sampler's effort bounds the work; what was not reached in it is said."""
    chunks = tuple(chunks)
    found: dict[str, Recovered] = dict.fromkeys(quantities, Recovered())

    def missing() -> bool:
        return any(not r.forms for r in found.values())

    for k in range(sampler.reached, STAGES):
        sampler.gather(sampler.stage(k))
        sampler.reached = k
        for _ in range(TESTS):  # what larger sizes contradict is sought once more, with these among the samples
            for draw in (False, True):
                for quantity, r in found.items():
                    if not r.forms:
                        found[quantity] = _everywhere(sampler, quantity, k, chunks, draw)
                if any(not r.forms for q, r in found.items() if q not in MAXIMA):
                    break  # what sums are made of takes longer lines: no use in drawing more short ones
            before = found
            found = _tested(sampler, found, k)
            if all(bool(r.forms) == bool(before[q].forms) for q, r in found.items()):
                break
        if k == EARLY_STAGES - 1 and missing():
            found = _in_regions(sampler, found, k, chunks, _by_outcomes(sampler))
        if not missing() or sampler.exhausted:
            break
    if missing():
        found = _in_regions(sampler, found, STAGES - 1, chunks, _by_outcomes(sampler))
    symbols = sampler.coordinates.symbols
    for regions in (
        *([_powers_of_two(x)] for x in symbols),
        *(_by_order(x, y) for x, y in itertools.combinations(symbols, 2)),
    ):
        if missing():
            sampler.extra += EXTRA
            found = _in_regions(sampler, found, 1, chunks, regions)
    list(map(sampler.sample, sampler.with_ones()))
    return {quantity: _conditioned(sampler, quantity, r) for quantity, r in found.items()}


def _everywhere(sampler: Sampler, quantity: str, k: int, chunks: tuple[int, ...], draw: bool) -> Recovered:
    """One form for all sizes, or for all beyond small ones; with the samples there are, or with lines drawn for it."""
    first = Recovered()
    for least in (0, *BEYOND):
        region = Region((), lambda s, least=least: min(s.run.sizes[x] for x in s.run.sizes if x != "t") > least)
        found = _recover(sampler, quantity, region if least else EVERYWHERE, k, chunks, draw)
        if found.forms:
            return replace(found, forms=tuple(replace(f, region=EVERYWHERE) for f in found.forms))
        if not least:
            first = found
    return first


def recover_in(sampler: Sampler, quantity: str, region: Region, chunks: tuple[int, ...]) -> Recovered:
    """One form in a region away from the base point."""
    return _recover(sampler, quantity, region, 0, chunks)


def _recover(
    sampler: Sampler, quantity: str, region: Region, k: int, chunks: tuple[int, ...], draw: bool = True
) -> Recovered:
    """One form in a region, with lines drawn where the recovery asks for them."""
    base = _base(sampler, region, k)
    if base is None:
        return Recovered(reason=f"no sizes were run with {' and '.join(region.conditions)}")
    unfit, site, drawn = Unfit("too many lines would have to be drawn"), None, 0
    for _ in range(MOST_LINES if draw else 1):
        samples = [s for s in sampler.all if region.holds(s) and not s.has_a_one]
        parts = [(s.point, s.run.parts[quantity]) for s in samples]
        recover = recover_maximum if quantity in MAXIMA else recover_sum
        found = recover(parts, base, chunks)
        if isinstance(found, Whole):
            return Recovered((Form(found, region),), samples=len(samples), largest=_largest(samples))
        site, unfit = found
        before = len(sampler.all)
        if not draw:
            break
        if unfit.through is not None:
            sampler.gather(sampler.lines(unfit.through, k))
            sampler.gather(sampler.scattered(unfit.through, 12))
        elif unfit.samples:
            drawn = max(unfit.samples, 2 * drawn)  # those asked for already did not lie where they help
            sampler.gather(sampler.scattered({x: 2 * v for x, v in base.items()}, drawn))
        if len(sampler.all) == before:
            break
    late = "; the effort allowed was spent" if sampler.exhausted else ""
    return Recovered(reason=unfit.reason + late, site=site)


def _largest(samples: Sequence[Sample]) -> dict[str, int]:
    return {x: max(s.run.sizes[x] for s in samples) for x in samples[0].run.sizes}


def _base(sampler: Sampler, region: Region, k: int) -> Mapping[str, int] | None:
    """The base point where it lies in the region, else a sample in the middle of it, with lines and points around drawn here."""
    base = sampler.sample(sampler.base)
    if base is not None and region.holds(base) and not region.points:
        return sampler.base
    inside = [s for s in sampler.all if region.holds(s)]
    if not inside:
        return None
    middle = sorted(inside, key=lambda s: sum(s.point.values()))[len(inside) // 2].point
    if region.points:
        sampler.gather(region.points(sampler, middle))
    else:
        sampler.gather(sampler.lines(middle, k))
        sampler.gather(sampler.scattered(middle, 30))
    return middle


def _tested(sampler: Sampler, found: dict[str, Recovered], k: int) -> dict[str, Recovered]:
    """Without the forms that sizes held out so far contradict."""
    held = sampler.gather(sampler.held_out(k)) if any(r.forms for r in found.values()) else []
    held += sampler.far() if held else []
    kept = {}
    for quantity, r in found.items():
        wrong = next((s for s in held if r.forms and not r.agrees(s, quantity)), None)
        if wrong is not None:
            at = ", ".join(f"{x} = {v}" for x, v in wrong.run.sizes.items())
            kept[quantity] = Recovered(reason=f"what fits all smaller sizes fails at {at}")
        else:
            kept[quantity] = replace(r, held_out=len(held), largest=_largest(held)) if r.forms and held else r
    return kept


def _in_regions(
    sampler: Sampler, found: dict[str, Recovered], k: int, chunks: tuple[int, ...], regions: Sequence[Region]
) -> dict[str, Recovered]:
    """Quantities that have no form yet, in each region apart; taken over where some region has one."""
    if not regions:
        return found
    result = dict(found)
    for quantity, r in found.items():
        if r.forms:
            continue
        forms: list[Form] = []
        missing: list[Recovered] = []
        samples = 0
        for region in regions:
            shared = next((i for i, form in enumerate(forms) if _has_its_values(form, sampler, quantity, region)), None)
            if shared is not None:
                forms[shared] = replace(forms[shared], region=_either(forms[shared].region, region))
                continue
            apart = _recover(sampler, quantity, region, k, chunks)
            samples += apart.samples
            if apart.forms:
                forms.extend(apart.forms)
            else:
                missing.append(apart)
        if forms:
            first = missing[0] if missing else Recovered()
            everywhere = next((f for f in forms if _has_its_values(f, sampler, quantity, EVERYWHERE)), None)
            kept = [replace(f, region=_in_order(sampler, f.region)) for f in forms]
            if everywhere is not None:
                kept, first = [replace(everywhere, region=EVERYWHERE)], Recovered()
            result[quantity] = Recovered(tuple(kept), reason=first.reason, site=first.site, samples=samples)
    return result


FEWEST_SHARED = 12
"""Runs in a region that have to agree before another region's form is taken for it."""


def _has_its_values(form: Form, sampler: Sampler, quantity: str, region: Region) -> bool:
    """Whether the form of one region has the value of every run in another one, of which there are some."""
    inside = [s for s in sampler.all if region.holds(s) and not s.has_a_one]
    return len(inside) >= FEWEST_SHARED and all(form.whole.at(s.point) == s.run.totals[quantity] for s in inside)


def _either(a: Region, b: Region) -> Region:
    told = (f"{' and '.join(a.conditions)}, or {' and '.join(b.conditions)}",)
    return Region(told, lambda s: a.holds(s) or b.holds(s), bounded=a.bounded and b.bounded, vague=a.vague or b.vague)


def _in_order(sampler: Sampler, region: Region) -> Region:
    """The region told by an order of two sizes, where it lies so in every run."""
    inside = [(s.run.sizes, region.holds(s)) for s in sampler.all]
    if region.where or len({within for _, within in inside}) < 2:
        return region
    for x, y in itertools.permutations(sampler.coordinates.symbols, 2):
        for relation, of in (("<", operator.lt), ("<=", operator.le)):
            if all(of(sizes[x], sizes[y]) == within for sizes, within in inside):
                return Region((f"{x} {relation} {y}",), region.holds, where=(f"{x} <= {y}",))
    return region


def outcomes(run: Run) -> frozenset[tuple[str, int, str, bool]]:
    """Which way each comparison of sizes came out in a run."""
    return frozenset((c.file, c.line, c.text, c.result) for c in run.comparisons)


def _by_outcomes(sampler: Sampler) -> list[Region]:
    """A region for each set of outcomes that several samples share; whether large sizes lie in it is seen from runs there."""
    samples, probes = sampler.all, sampler.probes()
    groups: dict[frozenset, list[Sample]] = {}
    for s in samples:
        groups.setdefault(outcomes(s.run), []).append(s)
    if len(groups) < 2:
        return []
    always = frozenset.intersection(*groups)
    regions = []
    for signature in sorted(groups, key=lambda g: -len(groups[g])):
        told = tuple(
            f"{Path(file).name}:{line}: {text} is {'true' if result else 'false'}"
            for file, line, text, result in sorted(signature - always)
        )
        inside = {outcomes(s.run) == signature for s in probes}
        regions.append(
            Region(
                told,
                lambda s, signature=signature: outcomes(s.run) == signature,
                bounded=inside == {False},
                vague=len(inside) != 1,
            )
        )
    return regions[:4]


def _by_order(x: str, y: str) -> list[Region]:
    """x <= y and x > y, as sizes."""
    return [
        Region((f"{x} <= {y}",), lambda s: s.run.sizes[x] <= s.run.sizes[y], where=(f"{x} <= {y}",)),
        Region((f"{x} > {y}",), lambda s: s.run.sizes[x] > s.run.sizes[y], where=(f"{y} <= {x}",)),
    ]


def _powers_of_two(x: str) -> Region:
    def points(sampler: Sampler, middle: Mapping[str, int]) -> Iterator[dict[str, int]]:
        for center in (dict(middle), *sampler.scattered(middle, 20)):
            for power in range(1, 9):
                yield {**center, x: 2**power}
        for power in (2, 3, 4):
            yield from sampler.lines({**middle, x: 2**power}, 0)

    return Region((f"{x} a power of two",), lambda s: s.run.sizes[x].bit_count() == 1, points=points, special=True)


def _conditioned(sampler: Sampler, quantity: str, r: Recovered) -> Recovered:
    """With the least sizes from which the forms hold, as few conditions as the samples allow."""
    if not r.forms:
        return r
    wrong = [s.point for s in sampler.all if not r.agrees(s, quantity)]
    conditions: dict[str, int] = {}
    if wrong:
        x = min(sampler.coordinates.symbols, key=lambda x: max(point[x] for point in wrong))
        if max(point[x] for point in wrong) <= max(BEYOND):  # one condition covers all
            conditions[x], wrong = max(point[x] for point in wrong), []
    while wrong:
        furthest = max(wrong, key=lambda point: min(point.values()))
        x = min(furthest, key=lambda x: furthest[x])
        conditions[x] = max(furthest[x], conditions.get(x, 0))
        wrong = [point for point in wrong if point[x] > conditions[x]]
    return replace(r, above=tuple(sorted(conditions.items())))
