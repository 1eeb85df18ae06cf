"""The printed copy accuracies of the two models side by side, and along the distances."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import cache
from typing import Any

from empirics.checking import Evidence, check, control, fails, holds
from empirics.checks.pointer.printed_copy import ITEMS, LEVEL, errors
from theory import exact_tests
from theory.pointer import printed_copy as claims
from theory.pointer.printed import COPY_PERCENT, DISTANCES

Counts = Mapping[str, Sequence[int]]
"""Errors of 800 at the four distances, by model."""

COUNTS: Counts = {model: tuple(errors(COPY_PERCENT, model).values()) for model in COPY_PERCENT}
_EXCHANGED: Counts = {"Pointer": COUNTS["Transformer"], "Transformer": COUNTS["Pointer"]}
_PLACES = range(len(DISTANCES))
_two_sided, _trend = cache(exact_tests.two_sided), cache(exact_tests.rising_trend)


def _pairs(counts: Counts, places: Sequence[int]) -> tuple[tuple[int, int], ...]:
    return tuple((counts["Pointer"][i], counts["Transformer"][i]) for i in places)


@check(
    claims.better_everywhere,
    "exhausted",
    given={"place": list(_PLACES)},
    covers=True,
    scope={"sizes": "distances 512 to 2048"},
)
def fewer_errors(place: int, counts: Counts = COUNTS, places: Sequence[int] = _PLACES) -> Evidence:
    """Pointer's errors are fewer at each distance looked at."""
    ((ours, theirs),) = _pairs(counts, [place])
    if place in places and not ours < theirs:
        words = f"distance {DISTANCES[place]}: Pointer {ours} errors of {ITEMS}, Transformer {theirs}"
        return fails(words, f"fewer than {theirs}", ours)
    return holds()


control(fewer_errors, "from-1024", "confirmed", places=(1, 2, 3), reason="20 < 46, 29 < 41, 38 < 42")
control(
    fewer_errors,
    "first-pair-exchanged",
    "confirmed",
    counts={"Pointer": (5, *COUNTS["Pointer"][1:]), "Transformer": (13, *COUNTS["Transformer"][1:])},
    reason="then 5 < 13 as well",
)
control(fewer_errors, "models-exchanged", "refuted", counts=_EXCHANGED, reason="46 > 20 at distance 1024")

P_VALUES = dict(zip(_PLACES, (Fraction(x, 10000) for x in (944, 15, 1784, 7310)), strict=True))
_HALF_UNIT = Fraction(1, 20000)


@check(
    claims.differences,
    "exhausted",
    given={"place": list(_PLACES)},
    covers=True,
    scope={"sizes": "distances 512 to 2048"},
)
def only_one_difference(
    place: int, different: Sequence[int] = (1,), counts: Counts = COUNTS, p_values: Any = P_VALUES
) -> Evidence:
    """Fisher's p prints as stated; alone, and by Holm among all four, the distance differs if it is among `different`."""
    found = [_two_sided(_pairs(counts, [i]), ITEMS) for i in _PLACES]
    p, holm = found[place], exact_tests.holm(found, LEVEL)[place]
    wanted = place in different
    if abs(p - p_values[place]) > _HALF_UNIT or (p <= LEVEL) != wanted or holm != wanted:
        told = "different" if holm else "not shown to differ"
        words = f"distance {DISTANCES[place]}: p = {float(p):.4f}, {told} by Holm"
        return fails(words, f"{float(p_values[place])}, {'different' if wanted else 'no difference'}", float(p))
    return holds()


control(only_one_difference, "at-every-distance", "refuted", different=_PLACES, reason="13 against 5 is too few")
control(only_one_difference, "nowhere", "refuted", different=(), reason="20 against 46 is beyond chance")
control(
    only_one_difference,
    "one-error-less",
    "refuted",
    counts={**COUNTS, "Pointer": (13, 20, 28, 38)},
    reason="p falls from 0.178 to about 0.14",
)
control(
    only_one_difference,
    "models-exchanged",
    "confirmed",
    counts=_EXCHANGED,
    symmetry="the test is two-sided and the groups are of one size",
)


@check(claims.overall, "exhausted", given={"left_out": [None, 1]}, covers=True, scope={"sizes": "all four, and three"})
def together(
    left_out: int | None, counts: Counts = COUNTS, stated: Any = (Fraction(273, 10**4), Fraction(581, 10**3))
) -> Evidence:
    """p over the distances together prints as stated, at most the level with distance 1024 and above it without."""
    p = _two_sided(_pairs(counts, [i for i in _PLACES if i != left_out]), ITEMS)
    claimed = stated[left_out is not None]
    if abs(p - claimed) > Fraction(1, 2 * claimed.denominator) or (p <= LEVEL) != (left_out is None):
        told = "all distances" if left_out is None else f"without distance {DISTANCES[left_out]}"
        return fails(f"{told}: p = {float(p):.4f}", float(claimed), float(p))
    return holds()


control(
    together,
    "significant-without-1024",
    "refuted",
    counts={**COUNTS, "Transformer": (15, 46, 41, 42)},
    reason="15 errors of the Transformer at 512 move both probabilities",
)
control(together, "twice-as-sure", "refuted", stated=(Fraction(137, 10**4), Fraction(581, 10**3)), reason="one-sided")
control(together, "models-exchanged", "confirmed", counts=_EXCHANGED, symmetry="the test is two-sided")

HUNDREDTH = Fraction(1, 100)


def _told(model: str, counts: Sequence[int]) -> str:
    return f"{model}, errors {', '.join(map(str, counts))} of {ITEMS}"


@check(
    claims.maintained, "exhausted", given={"model": ["Pointer"]}, covers=True, scope={"sizes": "distances 512 to 2048"}
)
def no_rising_trend(model: str, counts: Counts = COUNTS, first: int = 0, level: Fraction = HUNDREDTH) -> Evidence:
    """The exact probability of so large a sum of distances times errors, all spreads of the errors being equally likely."""
    seen = tuple(counts[model][first:])
    p = _trend(seen, ITEMS)
    if p <= level:
        return fails(f"{_told(model, seen)}: trend p = {float(p):.2g}", f"> {float(level)}", f"{float(p):.2g}")
    return holds()


control(
    no_rising_trend,
    "the-transformer-from-1024",
    "confirmed",
    counts=_EXCHANGED,
    first=1,
    reason="46, 41, 42 do not rise",
)
control(no_rising_trend, "evenly-spread", "confirmed", counts={"Pointer": (25, 25, 25, 25)}, reason="no trend at all")
control(no_rising_trend, "half-the-slope", "confirmed", counts={"Pointer": (20, 23, 27, 30)}, reason="1.6 deviations")
control(no_rising_trend, "from-1024", "refuted", first=1, reason="20, 29, 38: 2.4 standard deviations")

TRENDS = {("Pointer", 0): (0, 1, 10**4), ("Pointer", 1): (0, 1, 100), ("Transformer", 1): (1, 2, 2)}
"""Model and first place: p lies between the first two over the third."""


@check(claims.falls, "exhausted", given={"case": list(TRENDS)}, covers=True, scope={"sizes": "distances 512 to 2048"})
def trends_as_stated(case: tuple[str, int], counts: Counts = COUNTS, trends: Any = TRENDS) -> Evidence:
    """p of the exact trend test lies in the range stated."""
    model, first = case
    low, high, unit = trends[case]
    seen = tuple(counts[model][first:])
    p = _trend(seen, ITEMS)
    if not low < p * unit < high:
        return fails(f"{_told(model, seen)}: trend p = {float(p):.2g}", f"{low / unit:g}..{high / unit:g}", float(p))
    return holds()


control(
    trends_as_stated, "models-exchanged", "refuted", counts=_EXCHANGED, reason="from 1024 the Transformer does not fall"
)
control(
    trends_as_stated,
    "distances-reversed",
    "refuted",
    counts={model: tuple(reversed(of)) for model, of in COUNTS.items()},
    reason="errors that fall are no rising trend",
)
control(
    trends_as_stated,
    "one-more-error-at-2048",
    "confirmed",
    counts={**COUNTS, "Pointer": (13, 20, 29, 39)},
    reason="a little more of the same",
)

RUNS = [(first, last) for length in (1, 2, 3) for first in range(4 - length) for last in [first + length]]


def _ranges(counts: Counts, between: tuple[int, int]) -> tuple[int, int]:
    first, last = between
    runs = (counts[model][first : last + 1] for model in ("Pointer", "Transformer"))
    ours, theirs = (max(of) - min(of) for of in runs)
    return ours, theirs


def _compared(between: tuple[int, int], counts: Counts, smaller: bool) -> Evidence:
    ours, theirs = _ranges(counts, between)
    if (ours < theirs) != smaller:
        words = (
            f"distances {DISTANCES[between[0]]} to {DISTANCES[between[1]]}: Pointer's errors vary by {ours} of {ITEMS}"
        )
        return fails(f"{words}, the Transformer's by {theirs}", "less" if smaller else "not less", ours - theirs)
    return holds()


@check(
    claims.stability, "exhausted", given={"between": RUNS}, covers=True, scope={"sizes": "all six runs of distances"}
)
def smaller_range(between: tuple[int, int], counts: Counts = COUNTS) -> Evidence:
    """Pointer's range of errors over the run is the smaller."""
    return _compared(between, counts, True)


control(
    smaller_range,
    "transformer-falls-on",
    "confirmed",
    counts={**COUNTS, "Transformer": (5, 46, 87, 128)},
    reason="41 a step is more than 9",
)
control(smaller_range, "models-exchanged", "refuted", counts=_EXCHANGED, reason="41 > 7 from 512 to 1024")


@check(claims.ranges, "exhausted", given={"between": RUNS}, covers=True, scope={"sizes": "all six runs of distances"})
def smaller_from_the_first(between: tuple[int, int], counts: Counts = COUNTS, first: int = 0) -> Evidence:
    """Pointer's range is the smaller exactly over the runs that begin at the first distance."""
    return _compared(between, counts, between[0] == first)


control(smaller_from_the_first, "from-1024", "refuted", first=1, reason="from 512 to 1024 it is smaller")
control(smaller_from_the_first, "models-exchanged", "refuted", counts=_EXCHANGED, reason="41 > 7")
control(
    smaller_from_the_first,
    "errors-counted-as-right",
    "confirmed",
    counts={model: tuple(ITEMS - e for e in of) for model, of in COUNTS.items()},
    symmetry="items right vary as items wrong do",
)
