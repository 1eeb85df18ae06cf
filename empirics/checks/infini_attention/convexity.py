"""Reads as averages: the step of one token in symbols, streams through the code, and the smallest read outside the stored values."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from typing import Any

from constructions.infini_attention.streams import Stream, column, cuts, read, told, written
from empirics.checking import Evidence, Run, check, control, fails, holds
from empirics.checks.infini_attention.order import symbols
from theory.infini_attention import convexity as claims


@check(claims.linear, "derived", covers=True, scope={"sizes": "all streams", "method": "one token more, symbols"})
def a_token_moves_the_read(kept: int = 1, added: int = 1) -> Evidence:
    """(N + a v) / (D + a) is the read before plus the share a / (D + a) of the difference; weights by their proportions."""
    import sympy

    n, d, a, v = sympy.symbols("N D a v", positive=True)
    after = (kept * n + a * v) / (kept * d + added * a)
    share = a / (d + a)
    residuals = {
        "the step": after - (n / d + share * (v - n / d)),
        "weights of the old": kept * d / (kept * d + added * a) - (1 - share),
        "weight of the new": a / (kept * d + added * a) - share,
    }
    for name, residual in residuals.items():
        if (left := sympy.cancel(sympy.together(residual))) != 0:
            return fails(f"{name}: {left} is left", 0, left)
    return holds(cases=len(residuals))


control(a_token_moves_the_read, "z-twice", "refuted", added=2, reason="the weights no longer add up to 1")
control(a_token_moves_the_read, "decayed", "refuted", kept=2, reason="the shares are others, if convex still")


def _streams(run: Run) -> dict[str, Any]:
    most = run.pick(3, 4)
    made = [
        stream
        for count in range(1, most + 1)
        for features in product((1, 2), repeat=count)
        for values in product((0, 1), repeat=count)
        for stream in cuts(column(features, values))
    ]
    return {"stream": made}


_SIZES = {"sizes": "at most 3 tokens (full: 4), one feature 1 or 2, values 0 or 1; all cuts"}


def _within(stream: Stream, rule: str, constant: int, largest: Fraction) -> Evidence:
    values = [v for segment in stream for _, (v,) in segment]
    (found,) = read(written(stream, rule, constant=constant), (1,))
    if not min(values) <= found <= largest * max(values):
        return fails(f"{told(stream)}: {found} is read", f"{min(values)} to {max(values)}", found)
    return holds()


@check(claims.linear, "exhausted", given=_streams, scope=_SIZES)
def linear_reads_are_between(
    stream: Stream, rule: str = "linear", constant: int = 0, largest: Fraction = Fraction(1)
) -> Evidence:
    """What a query reads lies between the least and the greatest value."""
    return _within(stream, rule, constant, largest)


control(linear_reads_are_between, "delta", "refuted", rule="delta", reason="1 twice is read as 1/2")
control(linear_reads_are_between, "z-from-1", "refuted", constant=1, reason="1 is read as 1/2")
control(linear_reads_are_between, "half", "refuted", largest=Fraction(1, 2), reason="1 is read as 1")
control(linear_reads_are_between, "twice", "confirmed", largest=Fraction(2), reason="a weaker statement")


@check(claims.delta, "exhausted", given=_streams, scope=_SIZES)
def delta_reads_are_between(
    stream: Stream, rule: str = "delta", constant: int = 0, largest: Fraction = Fraction(1)
) -> Evidence:
    """What a query reads lies between the least and the greatest value."""
    return _within(stream, rule, constant, largest)


control(delta_reads_are_between, "linear", "confirmed", rule="linear", reason="convex combinations")
control(delta_reads_are_between, "linear-from-1", "refuted", rule="linear", constant=1, reason="1 is read as 1/2")


@check(claims.with_start, "derived", covers=True, scope={"sizes": "all streams", "method": "symbols, two features"})
def shrunk_by_the_start(factor: int = 1, tokens: int = 2) -> Evidence:
    """The read of values 1 is D / (D + c |phi(q)|_1), through the code, token by token."""
    import sympy

    c = sympy.Symbol("c", positive=True)
    query = sympy.symbols("q:2", positive=True)
    _, made = symbols(tokens, 2)
    ones = tuple((phi, (sympy.Integer(1),)) for phi, _ in made)
    for count in range(1, tokens + 1):
        (found,) = read(written((ones[:count],), constant=c), query)
        total = sum(q * x for phi, _ in ones[:count] for q, x in zip(query, phi, strict=True))
        wanted = total / (total + factor * c * sum(query))
        if (left := sympy.cancel(sympy.together(found - wanted))) != 0:
            return fails(f"{count} tokens: off by {left}", wanted, found)
    return holds(cases=tokens)


control(shrunk_by_the_start, "c-twice", "refuted", factor=2, reason="c enters once")
control(shrunk_by_the_start, "c-forgotten", "refuted", factor=0, reason="the weights would add up to 1")
control(shrunk_by_the_start, "three-tokens", "confirmed", tokens=3, reason="one more")


@check(claims.delta_hull, "derived", covers=True, scope={"sizes": "all t", "method": "coefficients in s and t"})
def coefficients_of_one_key(late: int = 1, total: Fraction = Fraction(1, 2)) -> Evidence:
    """The recursion's step and start, and the sum of the coefficients."""
    import sympy

    s, t = sympy.symbols("s t", positive=True)

    def law(s: Any, t: Any) -> Any:
        return (s - late) / (t - late)

    partial = (
        (s - late) * (s - late + 1) / 2
    )  # of the sum of r - late over r up to s: its differences, and 0 before s = 1
    added = partial.subs(s, t) / (t * (t - late))
    residuals = {
        "the step": law(s, t) * (1 - 1 / t) - law(s, t + 1),
        "the new value": law(t, t) - 1,
        "the second value": law(sympy.Integer(1), sympy.Integer(2)),
        "partial sums": partial - partial.subs(s, s - 1) - (s - late),
        "the first": partial.subs(s, 0),
        "the sum": added - sympy.Rational(total.numerator, total.denominator),
    }
    for name, residual in residuals.items():
        if (left := sympy.cancel(sympy.together(residual))) != 0:
            return fails(f"{name}: {left} is left", 0, left)
    return holds(cases=len(residuals))


control(coefficients_of_one_key, "first-kept", "refuted", late=0, reason="from nothing the first value is forgotten")
control(coefficients_of_one_key, "convex", "refuted", total=Fraction(1), reason="they add up to 1/2")


@check(
    claims.delta_hull,
    "exhausted",
    given={"t": [2, 3, 4, 5, 9]},
    scope={"sizes": "t = 2, 3, 4, 5, 9; v_s the s-th unit vector"},
)
def coefficients_through_the_code(t: int, rule: str = "delta", phi: tuple[int, ...] = (1, 2)) -> Evidence:
    """Unit vectors as values show every coefficient."""
    stream = tuple((((phi, tuple(int(s == i) for i in range(t)))),) for s in range(t))
    found = read(written(stream, rule), phi)
    wanted = tuple(Fraction(s, t * (t - 1)) for s in range(t))
    if found != wanted:
        return fails(f"{t} values: coefficients {', '.join(map(str, found))}", wanted, found)
    return holds()


control(coefficients_through_the_code, "linear", "refuted", rule="linear", reason="all are 1 / t")
control(
    coefficients_through_the_code, "another-key", "confirmed", phi=(3, 1, 5), symmetry="the key's own length cancels"
)
