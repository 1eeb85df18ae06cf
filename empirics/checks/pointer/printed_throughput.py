"""Exponents, fits and quotients of the printed throughputs, over all that rounding leaves open."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from itertools import pairwise
from typing import Any

from empirics.checking import Evidence, check, control, fails, holds
from theory.inequalities import certificate
from theory.pointer import printed, scaling
from theory.pointer import printed_throughput as claims
from theory.pointer.printed import LENGTHS, Printed

Row = Mapping[int, Printed]

_TIMES = {
    ("Pointer", "throughput"): scaling.times_of_throughput(printed.THROUGHPUT["Pointer"]),
    ("Transformer", "throughput"): scaling.times_of_throughput(printed.THROUGHPUT["Transformer"]),
    ("Pointer", "training time"): scaling.times_as_printed(printed.TRAINING_SECONDS["Pointer"]),
}


def _told(interval: printed.Interval) -> str:
    return f"{float(interval[0]):.3f}..{float(interval[1]):.3f}"


def _near(model: str, table: str, short: int, about: int, slack: Fraction, times: Any) -> Evidence:
    """The exponent from `short` to twice it must be possibly within `slack` of `about`."""
    found = scaling.exponent(times[model, table], short, 2 * short)
    if found[1] < about - slack or found[0] > about + slack:
        words = f"{model}, {table}, N = {short} to {2 * short}: exponent {_told(found)}"
        return fails(words, f"{about - slack}..{about + slack}", _told(found))
    return holds()


QUARTER = Fraction(1, 4)


@check(
    claims.linear,
    "exhausted",
    given={"table": ["throughput", "training time"], "short": list(LENGTHS[:-1])},
    covers=True,
    scope={"sizes": "N = 256 to 2048, two tables"},
)
def exponents_are_near_one(table: str, short: int, slack: Fraction = QUARTER, times: Any = _TIMES) -> Evidence:
    """Every exponent of Pointer that rounding allows is compared with 1, give or take `slack`."""
    return _near("Pointer", table, short, 1, slack, times)


def _shaped(share: Callable[[int], Fraction]) -> dict[tuple[str, str], dict[int, printed.Interval]]:
    """Times of an invented law, known exactly, in place of Pointer's."""
    law = {n: (share(n), share(n)) for n in LENGTHS}
    return dict.fromkeys(_TIMES, law)


control(
    exponents_are_near_one,
    "linear-with-overhead",
    "confirmed",
    times=_shaped(lambda n: Fraction(n + 64)),
    reason="(512 + 64) / (256 + 64) = 1.8, and 2^(3/4) = 1.68",
)
control(
    exponents_are_near_one,
    "any-slope-allowed",
    "confirmed",
    slack=Fraction(13, 10),
    reason="the exponents -0.273 and 1.396, and -0.317 of the seconds' widest reading, are within 1.3 of 1",
)
control(exponents_are_near_one, "within-one", "refuted", slack=Fraction(1), reason="-0.273 is further than 1 from 1")
control(
    exponents_are_near_one,
    "quadratic-law",
    "refuted",
    times=_shaped(lambda n: Fraction(n * n)),
    reason="the exponent is 2",
)


@check(
    claims.quadratic,
    "exhausted",
    given={"short": list(LENGTHS[:-1])},
    covers=True,
    scope={"sizes": "N = 256 to 2048"},
)
def exponents_are_near_two(short: int, slack: Fraction = QUARTER, times: Any = _TIMES) -> Evidence:
    """Every exponent of the Transformer that rounding allows is compared with 2, give or take `slack`."""
    return _near("Transformer", "throughput", short, 2, slack, times)


control(
    exponents_are_near_two,
    "quadratic-with-linear-part",
    "confirmed",
    times=_shaped(lambda n: Fraction(n * (n + 64))),
    reason="2 * 576 / 320 = 3.6, and 2^(7/4) = 3.36",
)
control(exponents_are_near_two, "within-one", "confirmed", slack=Fraction(1), reason="1.043 to 1.771 are within 1 of 2")
control(exponents_are_near_two, "within-a-half", "refuted", slack=Fraction(1, 2), reason="1.043 is not")
control(exponents_are_near_two, "linear-law", "refuted", times=_shaped(lambda n: Fraction(n)), reason="it is 1")

EXPONENTS = {
    "Pointer": (Fraction(-273, 1000), Fraction(909, 1000), Fraction(1396, 1000)),
    "Transformer": (Fraction(1043, 1000), Fraction(1579, 1000), Fraction(1771, 1000)),
}
_HALF = Fraction(1, 2000)


@check(
    claims.exponents,
    "certified",
    given={"model": ["Pointer", "Transformer"], "step": [0, 1, 2]},
    covers=True,
    scope={"sizes": "N = 256 to 2048, both models"},
)
def exponents_are_enclosed(
    model: str, step: int, stated: Any = EXPONENTS, rows: Mapping[str, Row] = printed.THROUGHPUT
) -> Evidence:
    """(e - 1/2000 - 1) log 2 <= log of the least quotient of throughputs, and as much above; and exponents rise."""
    of = stated[model]
    if not all(before < after for before, after in pairwise(of)):
        return fails(f"{model}: exponents {', '.join(map(str, of))} do not rise")
    row = rows[model]
    low, high = scaling.ratio(row[LENGTHS[step]], row[LENGTHS[step + 1]])
    below, above = (["*", of[step] + sign * _HALF - 1, ["log", 2]] for sign in (-1, 1))
    return holds(
        certificates=[
            certificate(below, "<=", ["log", low], claims.exponents.id),
            certificate(["log", high], "<=", above, claims.exponents.id),
        ]
    )


def _moved(by: Fraction) -> dict[str, tuple[Fraction, ...]]:
    return {model: tuple(e + by for e in of) for model, of in EXPONENTS.items()}


control(
    exponents_are_enclosed,
    "a-thousandth-more",
    "refuted",
    stated=_moved(Fraction(1, 1000)),
    reason="each is known to less than a thousandth",
)
control(
    exponents_are_enclosed,
    "models-exchanged",
    "refuted",
    rows={"Pointer": printed.THROUGHPUT["Transformer"], "Transformer": printed.THROUGHPUT["Pointer"]},
    reason="the Transformer's first exponent is not negative",
)
control(
    exponents_are_enclosed,
    "tenfold-throughput",
    "confirmed",
    rows={model: {n: Printed(f"{rate.text}0") for n, rate in row.items()} for model, row in printed.THROUGHPUT.items()},
    reason="another unit of time, and less rounding",
)

FITS = {
    "Pointer": {"least squares": Printed("0.70"), "median of pairs": Printed("0.79")},
    "Transformer": {"least squares": Printed("1.48"), "median of pairs": Printed("1.52")},
}
_METHODS = {"least squares": scaling.least_squares, "median of pairs": scaling.theil_sen}


@check(
    claims.fits,
    "exhausted",
    given={"model": ["Pointer", "Transformer"], "method": list(_METHODS)},
    covers=True,
    scope={"sizes": "N = 256 to 2048, both models"},
)
def fitted_exponents(model: str, method: str, stated: Any = FITS, times: Any = _TIMES) -> Evidence:
    """The fitted exponent, enclosed over all that rounding allows, prints as stated and is not 1."""
    low, high = _METHODS[method](times[model, "throughput"])
    claimed = stated[model][method]
    if not (claimed.may_be(low) and claimed.may_be(high)) or low <= 1 <= high:
        return fails(f"{model}, {method}: {_told((low, high))}", f"{claimed.text}, not 1", _told((low, high)))
    return holds()


control(
    fitted_exponents,
    "exactly-linear",
    "refuted",
    stated={"Pointer": dict.fromkeys(_METHODS, Printed("1.00")), "Transformer": FITS["Transformer"]},
    reason="0.70 is not 1",
)
control(
    fitted_exponents,
    "first-length-left-out",
    "refuted",
    times={key: {n: t for n, t in of.items() if n > LENGTHS[0]} for key, of in _TIMES.items()},
    reason="without the slow first column Pointer's exponent is (0.909 + 1.396) / 2",
)
control(
    fitted_exponents,
    "other-unit-of-time",
    "confirmed",
    times={key: {n: (7 * a, 7 * b) for n, (a, b) in of.items()} for key, of in _TIMES.items()},
    symmetry="a constant factor moves no slope",
)
