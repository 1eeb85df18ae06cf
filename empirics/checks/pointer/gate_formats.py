"""From which input on a sigmoid gate is exactly 0 in a number format: both ends certified."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from constructions.pointer.gates import limit, overflow_limit, overflowing_input, vanishing_input
from empirics.checking import Evidence, check, control, fails, holds
from theory import formats
from theory.formats import Format, Underflow
from theory.inequalities import certificate
from theory.pointer import gate as claims

ROUNDED = tuple(f.name for f in formats.FORMATS.values() if not f.exact)
Ends = tuple[Fraction, Fraction]


@check(
    claims.underflow,
    "certified",
    given={"fmt": list(ROUNDED), "underflow": ["gradual", "flush"]},
    covers=True,
    scope={
        "sizes": f"{len(ROUNDED)} formats, gradual underflow and flushed",
        "method": "monotone; both ends certified",
    },
)
def sigmoid_is_zero_from_there(
    fmt: str, underflow: Underflow, ends: Callable[[Format, Underflow], Ends] = vanishing_input
) -> Evidence:
    """The input named is below -log(1/T - 1) and the next number of the format is above it: two certificates for each format."""
    held = formats.named(fmt)
    closed, open_ = ends(held, underflow)
    if not (held.holds(closed) and held.holds(open_)):
        return fails(f"{fmt}: {float(closed)} or {float(open_)} is no number of the format")
    between = held.round((closed + open_) / 2)
    if between not in (closed, open_):
        return fails(f"{fmt}: {float(between)} lies between {float(closed)} and {float(open_)}")
    # In logarithms, so that what the checker says has few digits.
    bound = ["neg", ["log", 1 / limit(held, underflow) - 1]]
    made = (
        certificate(closed, "<", bound, claims.underflow.id),
        certificate(bound, "<", open_, claims.underflow.id),
    )
    found: dict[str, Any] = {f"zero up to, {fmt}{', flushed' if underflow == 'flush' else ''}": float(closed)}
    return holds(certificates=made, **found)


def _above(fmt: Format, x: Fraction, gap: Fraction) -> Fraction:
    """The number of the format after x < 0, where numbers are `gap` apart, or half as much beyond a power of two."""
    return x + gap / 2 if fmt.holds(x + gap / 2) else x + gap


def _sooner(ends: Ends, fmt: Format) -> Ends:
    closed, open_ = ends
    return open_, _above(fmt, open_, open_ - closed)


def _later(ends: Ends, fmt: Format) -> Ends:
    closed, open_ = ends
    gap = open_ - closed
    return (closed - gap if fmt.holds(closed - gap) else closed - 2 * gap), closed


def _gradual_always(fmt: Format, underflow: Underflow) -> Ends:
    return vanishing_input(fmt, "gradual")


def _doubled_spacing(fmt: Format, underflow: Underflow) -> Ends:
    closed, open_ = vanishing_input(fmt, underflow)
    return 2 * closed - open_, open_


def _by_name(fmt: Format, underflow: Underflow) -> Ends:
    return vanishing_input(formats.named(fmt.name), underflow)


control(
    sigmoid_is_zero_from_there,
    "one-number-sooner",
    "refuted",
    ends=lambda f, u: _sooner(vanishing_input(f, u), f),
    reason="there it rounds to the least number",
)
control(
    sigmoid_is_zero_from_there,
    "one-number-later",
    "refuted",
    ends=lambda f, u: _later(vanishing_input(f, u), f),
    reason="the next number is zero too",
)
control(
    sigmoid_is_zero_from_there,
    "flush-forgotten",
    "refuted",
    ends=_gradual_always,
    reason="flushed, it is 0 much sooner",
)
control(
    sigmoid_is_zero_from_there, "a-number-between", "refuted", ends=_doubled_spacing, reason="nothing is said of it"
)
control(sigmoid_is_zero_from_there, "format-by-name", "confirmed", ends=_by_name, symmetry="the same format, looked up")


@check(
    claims.composed,
    "certified",
    given={"fmt": list(ROUNDED)},
    covers=True,
    scope={
        "sizes": f"{len(ROUNDED)} formats",
        "method": "monotone; both ends certified; 1 / (1 + max) rounded exactly",
    },
)
def overflow_closes_it(
    fmt: str,
    ends: Callable[[Format], Ends] = overflowing_input,
    greatest: Callable[[Format], Fraction] = lambda f: Fraction(f.max_finite),
) -> Evidence:
    """e^-x reaches the overflow limit at the input named and not at the next; the greatest finite e^-x still leaves the gate open."""
    held = formats.named(fmt)
    closed, open_ = ends(held)
    if not (held.holds(closed) and held.holds(open_) and held.round((closed + open_) / 2) in (closed, open_)):
        return fails(f"{fmt}: {float(closed)} and {float(open_)} are not neighbours in the format")
    total = 1 + greatest(held)
    if held.overflows(total) or held.round(1 / held.round(total)) == 0:
        return fails(f"{fmt}: the greatest finite e^-x closes the gate already")
    bound = ["neg", ["log", overflow_limit(held)]]
    made = (
        certificate(closed, "<", bound, claims.composed.id),
        certificate(bound, "<", open_, claims.composed.id),
    )
    found: dict[str, Any] = {f"{'NaN' if held.overflow == 'nan' else 'zero'} up to, {fmt}": float(closed)}
    return holds(certificates=made, **found)


control(
    overflow_closes_it,
    "as-if-rounded-once",
    "refuted",
    ends=lambda f: vanishing_input(f),
    reason="e^-x has overflowed well before, save in E5M2",
)
control(
    overflow_closes_it,
    "one-number-sooner",
    "refuted",
    ends=lambda f: _sooner(overflowing_input(f), f),
    reason="there e^-x is finite",
)
control(
    overflow_closes_it,
    "one-number-later",
    "refuted",
    ends=lambda f: _later(overflowing_input(f), f),
    reason="the next number overflows too",
)
control(
    overflow_closes_it,
    "past-the-greatest",
    "refuted",
    greatest=lambda f: 2 * Fraction(f.max_finite),
    reason="that sum has overflowed",
)
control(
    overflow_closes_it, "a-smaller-number", "confirmed", greatest=lambda f: Fraction(1), reason="1/2 is open as well"
)
