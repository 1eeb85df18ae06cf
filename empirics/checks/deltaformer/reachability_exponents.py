"""Reachability in number formats: weights above one half, and how many exponent bits n nodes need."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from constructions.deltaformer.reachability_formats import Arithmetic, undecided_graph
from empirics.checking import Evidence, check, control, fails, holds
from empirics.checks.deltaformer.format_cases import LONG, NARROW
from theory import formats
from theory.deltaformer import reachability_formats as claims
from theory.formats import Format


def orbit(eps: Fraction, arithmetic: Arithmetic, most: int = 8192) -> tuple[int, Fraction]:
    """Steps of x -> round(eps x) from 1 until it repeats or vanishes, and the value there; integer arithmetic alone.

    It never rises: round(eps x) <= round(x) = x. So it ends in a fixed point, zero perhaps.
    """
    value = Fraction(1)
    for steps in range(most):
        after = arithmetic.fmt.round(eps * value, arithmetic.underflow)
        if after in (value, 0):
            return steps + (after == 0), after
        value = after
    raise AssertionError(f"{arithmetic}: {most} steps were not enough")


@check(
    claims.rounding_holds,
    "exhausted",
    given={"fmt": NARROW + LONG, "eps": [Fraction(3, 4), Fraction(5, 8)]},
    scope={"sizes": "recurrences: path graphs of every length, eps = 3/4, 5/8, seven formats; log-depth: fp8, fp16"},
)
def long_paths_keep_their_last_bit(fmt: str, eps: Fraction, instead: Fraction | None = None) -> Evidence:
    """Gradual: the orbit's fixed point is positive. Flushed: it vanishes between the certified bounds.

    instead: a weight in place of eps.
    """
    weight, format_ = instead or eps, formats.named(fmt)
    _, end = orbit(weight, Arithmetic(format_))
    if end == 0:
        return fails(f"{fmt}, eps = {weight}: the path graph underflows although underflow is gradual", "> 0", 0)
    steps, end = orbit(weight, Arithmetic(format_, "flush"))
    if end != 0:
        return fails(f"{fmt}, eps = {weight}: flushed, the path graph stays at {end}", 0, end)
    u, least = format_.unit_roundoff, format_.min_normal
    surely, surely_not = weight / (1 + u), weight * (1 + 2 * u) / (1 + u)
    if not (surely**steps < least <= surely_not ** (steps - 1)):
        return fails(
            f"{fmt}, eps = {weight}: flushed after {steps} edges, outside the certified bounds", "inside", steps
        )
    found: dict[str, Any] = {f"{fmt}, eps = {weight}, flushed": steps}
    return holds(cases=2, **found)


control(
    long_paths_keep_their_last_bit,
    "one-half",
    "refuted",
    instead=Fraction(1, 2),
    reason="half the least number is zero",
)
control(
    long_paths_keep_their_last_bit,
    "seven-eighths",
    "refuted",
    instead=Fraction(7, 8),
    reason="with three bits it rounds up to the least normal number and is not flushed",
)
control(
    long_paths_keep_their_last_bit,
    "three-quarters",
    "confirmed",
    instead=Fraction(3, 4),
    reason="a part of the weights",
)


@check(
    claims.rounding_holds,
    "exhausted",
    given={"fmt": NARROW, "eps": [Fraction(3, 4), Fraction(5, 8)]},
    scope={"sizes": "fp8, fp16; eps = 3/4, 5/8", "evaluation": "log-depth, gradual underflow"},
)
def squaring_underflows(fmt: str, eps: Fraction, evaluation: str = "log-depth", most: int = 128) -> Evidence:
    """The log-depth product loses the path graph on some number of nodes that the recurrence does not lose."""
    arithmetic = Arithmetic(formats.named(fmt), "gradual", saturate=True)
    lost = next((n for n in range(2, most) if undecided_graph(n, eps, arithmetic, evaluation, path_only=True)), None)
    if lost is None:
        return fails(
            f"{fmt}, eps = {eps}, {evaluation}: every graph on fewer than {most} nodes is decided", "lost", None
        )
    found: dict[str, Any] = {f"{fmt}, eps = {eps}": lost}
    return holds(**found)


control(squaring_underflows, "by-recurrence", "refuted", evaluation="dense", most=64, reason="the last bit holds")
control(squaring_underflows, "fewer-nodes", "confirmed", most=96, reason="it fails before")


def with_exponent_bits(bits: int, precision: int) -> Format:
    """A format of so many exponent bits, infinities included, and so many bits of precision."""
    emax = 2 ** (bits - 1) - 1
    greatest = (2 - Fraction(2) ** (1 - precision)) * Fraction(2) ** emax
    return Format(f"e{bits}p{precision}", precision, 1 - emax, emax, greatest, "infinity")


@check(
    claims.exponent_bits,
    "exhausted",
    given=lambda run: {
        "bits": run.pick((3, 4, 5), (3, 4, 5, 6)),
        "precision": run.pick((2, 3, 8, 24), tuple(range(2, 25))),
        "evaluation": ("parents", "dense"),
    },
    scope={"sizes": "b = 3, 4, 5 and p = 2, 3, 8, 24 (all to b = 6, p = 24 in the full budget)"},
)
def precision_does_not_matter(
    bits: int,
    precision: int,
    evaluation: str,
    law: Any = lambda bits, precision: 2 ** (bits - 1) - 1,
    underflow: Any = "flush",
) -> Evidence:
    """Every graph on the law's number of nodes is decided and not on one more; the bits that n nodes need are enough."""
    arithmetic = Arithmetic(with_exponent_bits(bits, precision), underflow)
    n = law(bits, precision)
    for nodes in (n, n + 1):
        lost = undecided_graph(nodes, Fraction(1, 2), arithmetic, evaluation)
        if (lost is None) != (nodes == n):
            return fails(f"{arithmetic}, {evaluation}: on {nodes} nodes {lost or 'no graph'} is lost", n, nodes)
    assert bits == (n).bit_length() + 1, f"{n} nodes: ceil(log2(n + 1)) + 1 is not {bits}"
    return holds()


control(
    precision_does_not_matter,
    "gradual",
    "refuted",
    underflow="gradual",
    reason="p - 1 more binades below: there the significand does count",
)
control(
    precision_does_not_matter,
    "one-bit-counts-double",
    "refuted",
    law=lambda bits, precision: 2**bits - 1,
    reason="half the exponents are positive",
)
control(
    precision_does_not_matter,
    "by-emin",
    "confirmed",
    law=lambda bits, precision: 1 - (with_exponent_bits(bits, precision).emin or 0),
    symmetry="n* = 1 - emin",
)
