"""The printed copy accuracies: the sample size that they reveal, and exact tests of one model."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from math import comb
from typing import Any

from empirics.checking import Evidence, check, control, fails, holds
from theory import exact_tests
from theory.inequalities import certificate
from theory.pointer import printed
from theory.pointer import printed_copy as claims
from theory.pointer.printed import COPY_PERCENT, DISTANCES, Printed

ITEMS = 800
LEVEL = Fraction(1, 20)
FLOOR = Fraction(printed.COPY_FLOOR_PERCENT, 100)
Rows = Mapping[str, Mapping[int, Printed]]


def errors(rows: Rows, model: str, n: int = ITEMS) -> dict[int, int]:
    """The number of items copied wrong at each distance. ValueError when a percentage is none of n items."""
    wrong = {}
    for distance, percent in rows[model].items():
        right = round(percent.value * n / 100)
        if not percent.may_be(Fraction(100 * right, n)):
            raise ValueError(f"{percent.text} % at distance {distance} is no share of {n} items")
        wrong[distance] = n - right
    return wrong


@check(
    claims.sample_size,
    "exhausted",
    given={"items": range(1, 2 * ITEMS)},
    covers=True,
    scope={"sizes": "n = 1 to 1599"},
)
def percentages_are_counts(items: int, claimed: int = ITEMS, rows: Rows = COPY_PERCENT) -> Evidence:
    """Every percentage is a count of so many items, as printed: for 800, not otherwise."""
    cells = (percent for row in rows.values() for percent in row.values())
    off = next((p for p in cells if not p.may_be(Fraction(100 * round(p.value * items / 100), items))), None)
    if (off is None) != (items == claimed):
        told = f"{off.text} % is no share of them" if off else "every percentage is a share of them"
        return fails(f"{items} items: {told}", f"{claimed} and no other", items)
    return holds()


_TRANSFORMER = COPY_PERCENT["Transformer"]
control(percentages_are_counts, "four-hundred", "refuted", claimed=400, reason="98.38 % is 393.5 of 400")
control(
    percentages_are_counts,
    "a-digit-changed",
    "refuted",
    rows={**COPY_PERCENT, "Transformer": {**_TRANSFORMER, 2048: Printed("94.76")}},
    reason="94.76 % is 758.08 of 800",
)
control(
    percentages_are_counts,
    "one-decimal-less",
    "refuted",
    rows={m: {d: Printed(str(round(float(p.value), 1))) for d, p in row.items()} for m, row in COPY_PERCENT.items()},
    reason="with one place far fewer items do",
)
control(
    percentages_are_counts,
    "one-model",
    "confirmed",
    rows={"Pointer": COPY_PERCENT["Pointer"]},
    reason="787, 780, 771, 762 of 800 have no common divisor with 800 that would do with fewer",
)


def _tail(k: int, p: Fraction) -> str:
    return f"{float(exact_tests.upper_tail(k, ITEMS, p)):.4f}"


@check(
    claims.above_in_the_sample,
    "exhausted",
    given={"distance": list(DISTANCES)},
    covers=True,
    scope={"sizes": "distances 512 to 2048"},
)
def more_than_the_floor(
    distance: int, floor: Fraction = FLOOR, model: str = "Pointer", rows: Rows = COPY_PERCENT
) -> Evidence:
    """The count itself against the floor."""
    right = ITEMS - errors(rows, model)[distance]
    if not right > floor * ITEMS:
        return fails(f"distance {distance}: {right} of {ITEMS} right", f"more than {floor * ITEMS}", right)
    return holds()


control(more_than_the_floor, "the-transformer", "refuted", model="Transformer", reason="754 at distance 1024")
control(more_than_the_floor, "a-point-more", "refuted", floor=FLOOR + Fraction(1, 100), reason="96 % are 768")
control(more_than_the_floor, "a-point-less", "confirmed", floor=FLOOR - Fraction(1, 100), reason="94 % are 752")


@check(
    claims.above_95,
    "exhausted",
    given={"distance": list(DISTANCES)},
    covers=True,
    scope={"sizes": "distances 512 to 2048"},
)
def floor_is_established(
    distance: int, floor: Fraction = FLOOR, model: str = "Pointer", rows: Rows = COPY_PERCENT
) -> Evidence:
    """The exact probability that a model at the floor does as well, against the level."""
    right = ITEMS - errors(rows, model)[distance]
    if not exact_tests.rejects(right, ITEMS, floor, LEVEL):
        words = f"distance {distance}: a model of {float(100 * floor):g} % copies {right} or more of {ITEMS} right"
        return fails(f"{words} with probability {_tail(right, floor)}", f"<= {float(LEVEL)}", _tail(right, floor))
    return holds()


control(floor_is_established, "above-94-percent", "refuted", floor=Fraction(94, 100), reason="the bound is 93.8")
control(floor_is_established, "above-93-percent", "confirmed", floor=Fraction(93, 100), reason="the bound is 93.8")
control(
    floor_is_established,
    "nine-more-right",
    "confirmed",
    rows={"Pointer": {**COPY_PERCENT["Pointer"], 2048: Printed("96.38")}},
    reason="771 are 11 above the mean of 760, 1.8 standard deviations, as at 1536",
)
control(floor_is_established, "the-transformer", "refuted", model="Transformer", reason="it is below 95 % at 1024")

BOUNDS: Mapping[int, Fraction] = dict(zip(DISTANCES, (Fraction(x, 1000) for x in (974, 963, 950, 938)), strict=True))


def _as_sum(failures: int, p: Fraction) -> list[Any]:
    """P(at most so many failures of ITEMS), written out for the trusted checker.

    The common factor p^(ITEMS - failures) stands outside, which keeps the numbers short.
    """
    q = 1 - p
    terms = [["*", comb(ITEMS, f), ["pow", q, f], ["pow", p, failures - f]] for f in range(failures + 1)]
    return ["*", ["pow", p, ITEMS - failures], ["+", *terms]]


@check(
    claims.lower_bounds,
    "certified",
    given={"distance": list(DISTANCES)},
    covers=True,
    scope={"sizes": "distances 512 to 2048"},
)
def bounds_are_sharp(
    distance: int, bounds: Mapping[int, Fraction] = BOUNDS, level: Fraction = LEVEL, model: str = "Pointer"
) -> Evidence:
    """The tail at the bound is at most the level; a thousandth further it is above."""
    wrong = errors(COPY_PERCENT, model)[distance]
    at, beyond = (_as_sum(wrong, bounds[distance] + step) for step in (0, Fraction(1, 1000)))
    name = claims.lower_bounds.id
    return holds(certificates=[certificate(at, "<=", level, name), certificate(level, "<", beyond, name)])


control(
    bounds_are_sharp,
    "a-thousandth-more",
    "refuted",
    bounds={d: b + Fraction(1, 1000) for d, b in BOUNDS.items()},
    reason="the tail there is above the level",
)
control(
    bounds_are_sharp,
    "a-thousandth-less",
    "refuted",
    bounds={d: b - Fraction(1, 1000) for d, b in BOUNDS.items()},
    reason="a bound so low is not sharp",
)
control(bounds_are_sharp, "level-one-percent", "refuted", level=Fraction(1, 100), reason="surer bounds are lower")
control(
    bounds_are_sharp,
    "the-transformer",
    "confirmed",
    bounds=dict(zip(DISTANCES, (Fraction(x, 1000) for x in (986, 927, 934, 932)), strict=True)),
    model="Transformer",
    reason="1.645 standard deviations below 99.38, 94.25, 94.88 and 94.75, for the first a little more, its errors being few",
)


@check(
    claims.items_needed,
    "exhausted",
    given={"multiple": range(1, 27)},
    covers=True,
    scope={"sizes": "n = 800 to 20800"},
)
def items_for_a_conclusion(multiple: int, claimed: int = 26, right: int = 762, floor: Fraction = FLOOR) -> Evidence:
    """At the same accuracy the test concludes with 800 * 26 items, not with 800 m for a smaller m."""
    reached = exact_tests.rejects(right * multiple, ITEMS * multiple, floor, LEVEL)
    if reached != (multiple == claimed):
        told = "do" if reached else "do not"
        return fails(f"{ITEMS * multiple} items {told} show it", f"{ITEMS * claimed} are the fewest", multiple)
    return holds()


control(items_for_a_conclusion, "twenty-five", "refuted", claimed=25, reason="p = 0.053 there")
control(items_for_a_conclusion, "four-more-right", "refuted", right=766, reason="0.75 points need a ninth of the items")
control(
    items_for_a_conclusion,
    "from-the-errors",
    "confirmed",
    right=ITEMS - 38,
    symmetry="762 right are 38 wrong",
)
